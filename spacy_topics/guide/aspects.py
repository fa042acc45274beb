"""What a review speaks of, from the words of its text: what guests mind besides dishes and amenities, which the pipeline finds.

Words that only praise or complain ("great", "worst") are left out: they say the stars again, and not what they are for.
"""

import re

# Aspect -> words of English reviews.
ASPECTS = {
    "service": "service",
    "staff": "staff server servers waiter waiters waitress waitresses waitstaff bartender bartenders hostess host",
    "manager": "manager managers management owner owners",
    "friendly staff": "friendly welcoming attentive courteous polite hospitable helpful",
    "rude staff": "rude rudely unfriendly dismissive condescending snotty ignored surly",
    "slow service": "slow slowly forgot forgotten",
    "quick service": "quick quickly fast prompt promptly",
    "wait": "wait waited waiting queue queued queues",
    "wrong order": "wrong mistake mistakes mixup mistaken",
    "refund": "refund refunded comped compensated apology apologised apologized apologize",
    "portions": "portion portions helping helpings",
    "price": "price prices priced cost costs",
    "value": "value bargain deal",
    "fresh": "fresh freshly freshest homemade handmade housemade",
    "frozen or stale": "stale frozen microwaved canned reheated",
    "cold": "cold lukewarm tepid",
    "dry or burnt": "overcooked dry burnt burned rubbery soggy",
    "greasy": "greasy oily",
    "bland": "bland flavorless flavourless tasteless unseasoned",
    "salty": "salty oversalted",
    "illness": "sick poisoning vomit vomited vomiting diarrhea diarrhoea",
    "clean": "clean spotless immaculate",
    "dirty": "dirty filthy sticky grimy cockroach cockroaches roach roaches",
    "noise": "loud noisy noise",
    "crowds": "crowded packed busy cramped",
    "atmosphere": "atmosphere ambience ambiance vibe decor cozy cosy charming romantic",
    "menu": "menu menus selection variety",
    "children": "kids children toddler baby",
    "parking": "parking parked park",
    "location": "location located",
}  # fmt: skip
ASPECT_OF = {word: aspect for aspect, words in ASPECTS.items() for word in words.split()}
PATTERN = rf"\b({'|'.join(map(re.escape, ASPECT_OF))})\b"
