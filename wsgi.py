"""What a WSGI server serves: the portal, as its environment sets it up."""

from portal.app import create_app
from portal.settings import Settings

app = create_app(Settings.from_env())
