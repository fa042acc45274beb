"""Cleans and enlarges pictures with an exported generator."""
