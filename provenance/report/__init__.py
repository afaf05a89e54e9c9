"""A `Report` in the forms people and programs read: text, JSON, JSON Lines, an HTML page."""

from provenance.report.interface import Renderer
from provenance.report.json_report import validate
from provenance.report.registry import FORMATS, renderer

__all__ = ["FORMATS", "Renderer", "renderer", "validate"]
