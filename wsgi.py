"""What a web server serves: the portal with the settings of its environment."""

from __future__ import annotations

from portal.app import create_app

app = create_app()
