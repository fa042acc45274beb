"""Answers from annotations: restaurants of a cuisine, cuisines, ingredients and topics, and the reasons for them."""
