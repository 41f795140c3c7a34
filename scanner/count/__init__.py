"""Persons of each flow, of each legal entity's year, and of what is held: counted, linked, recorded."""
