"""The emulator's client API is mounted at /demo-gateway, in the demo only."""

from app import create_app
from braintree_emulator import Emulator


def test_the_demo_has_it(client):
    page = client.get("/demo-gateway/web/3.144.0/html/hosted-fields-frame.min.html")
    assert page.status_code == 200
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]


def test_a_real_portal_does_not(config, gateway, clock):
    app = create_app(config.replace(environment="sandbox"), gateway=gateway, clock=clock)
    assert app.test_client().get("/demo-gateway/client.js").status_code == 404
    assert app.extensions["demo_gateway"] is None
    app.extensions["database"].close_all()


def test_without_a_gateway_handed_in_it_keeps_one_in_the_instance_folder(config, gateway, clock):
    app = create_app(config, gateway=gateway, clock=clock)
    assert isinstance(app.extensions["demo_gateway"], Emulator)
    assert (config.instance / "demo-gateway.sqlite3").exists()
    app.extensions["database"].close_all()


def test_the_card_frames_may_reach_the_configured_gateway(config, gateway, clock, demo_gateway):
    app = create_app(config.replace(gateway_url="http://127.0.0.1:9009"), gateway, clock, demo_gateway)
    page = app.test_client().get("/demo-gateway/web/3.144.0/html/hosted-fields-frame.min.html")
    assert "http://localhost:9009" in page.headers["Content-Security-Policy"]
    app.extensions["database"].close_all()
