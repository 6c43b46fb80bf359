"""What the portal reaches: queue, files, messages, payment; one small interface each."""
