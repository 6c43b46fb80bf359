"""The floor of every page: a Flask application that answers with an empty page and asks nothing of anybody."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__)


@app.get("/")
@app.get("/healthz")
def page() -> str:
    """An empty page."""
    return "<!DOCTYPE html><html lang='vi'><title>Một Cửa</title></html>"
