"""What is known of a customer's requests, for a ticket with the service: one packet, without secrets and
without anything of other customers."""

from __future__ import annotations

from .gathering import gather
from .packet import Packet, Story
from .wording import document_of, text_of

__all__ = ["Packet", "Story", "document_of", "gather", "text_of"]
