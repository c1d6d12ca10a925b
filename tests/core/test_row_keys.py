"""Keys of rows, as browsers send them."""

import pytest

from compliance.core.row_keys import NO_ROW, row_keys


@pytest.mark.parametrize("text", ["", "a", "-1", "1.5", "1" * 19, "9" * 400, "²"])
def test_what_can_be_no_key_names_no_row(text):
    assert row_keys(["7", text]) == [7, NO_ROW]
