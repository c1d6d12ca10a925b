"""The request and its states: asked, target, preview, approval, clocks."""
