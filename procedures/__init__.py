"""The law as data: procedures, places and calendars, and the typed models that read them."""
