"""What the portal remembers: models, queries by subject, and the one place that commits."""
