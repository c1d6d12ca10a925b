"""What has no domain: time, secrets, sealing, redaction, start-up checks."""
