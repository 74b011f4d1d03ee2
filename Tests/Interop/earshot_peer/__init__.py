"""Earshot/1 a second time, written from Protocol.md alone. Section numbers in the docstrings are that document's."""
