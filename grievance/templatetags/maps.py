"""A small map of the state's districts, drawn in SVG: no tiles from outside, and it prints."""

import json
from functools import lru_cache
from pathlib import Path

from django import template
from django.apps import apps

register = template.Library()


@lru_cache(maxsize=1)
def outlines() -> dict:
    """The districts' outlines, as kept with the reference data (its README names the source)."""
    folder = Path(apps.get_app_config("departments").path) / "reference"
    return json.loads((folder / "district_map.json").read_text(encoding="utf-8"))


@register.inclusion_tag("parts/map.html")
def district_map(highlight: str = "", latitude=None, longitude=None, label: str = "") -> dict:
    """The districts with one marked and, where a place is known, a pin."""
    drawn = outlines()
    projection, pin = drawn["projection"], None
    if latitude is not None and longitude is not None:
        pin = {
            "x": round((longitude - projection["lon0"]) * projection["kx"], 1),
            "y": round((projection["lat0"] - latitude) * projection["ky"], 1),
        }
    return {"outlines": drawn, "highlight": highlight, "pin": pin, "label": label}
