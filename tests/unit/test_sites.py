"""What pages are told about their site."""

import pytest

from app.core import errors
from app.core.settings import Settings
from app.models import Directory
from app.publishing.build.site import site_of
from app.publishing.model import Site
from app.sites.location import location_of


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path, public_url="https://example.org/pygai")


def test_a_site_that_says_nothing_is_shown_by_its_name_below_the_service(settings):
    site = site_of(settings, Directory(name="My Site/雨", path="x"))

    assert site == Site(
        name="My Site/雨", title="My Site/雨", url="https://example.org/pygai/sites/My%20Site%2F%E9%9B%A8/"
    )


def test_a_site_is_shown_as_it_says(settings):
    columns = {
        "name": "Rain",
        "title": "Rainy days",
        "description": "About rain.",
        "about": "# Us",
        "language": "ar",
        "author": "A. Writer",
        "time_zone": "Asia/Shanghai",
        "page_size": 7,
        "discloses_ai": True,
    }

    site = site_of(settings, Directory(path="x", base_url="https://rain.example/", **columns))

    assert site == Site(url="https://rain.example/", **columns)


@pytest.mark.parametrize(
    ("root", "path", "location"),
    [
        ("s3://bucket/sites", "rain/雨 1", "s3://bucket/sites/rain/%E9%9B%A8%201"),
        ("s3://bucket/sites/", "s3://bucket/sites/rain/", "s3://bucket/sites/rain"),
        ("file:///srv/sites", "rain", "/srv/sites/rain"),
        ("/srv/sites", "/srv/sites/./rain", "/srv/sites/rain"),
    ],
)
def test_a_site_below_the_sites_root_needs_no_leave(root, path, location):
    settings = Settings(sites_url=root)

    assert location_of(settings, Directory(name="x", path=path)) == location


def test_a_sites_root_may_be_named_from_the_folder_of_the_start(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    found = location_of(Settings(sites_url="sites"), Directory(name="x", path="rain"))

    assert found == str(tmp_path / "sites" / "rain")


def test_links_that_lead_round_in_a_circle_lead_nowhere(tmp_path):
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "round").symlink_to(tmp_path / "sites" / "round")

    with pytest.raises(errors.Invalid, match="cannot be followed"):
        location_of(Settings(data_dir=tmp_path), Directory(name="x", path="round/rain"))
