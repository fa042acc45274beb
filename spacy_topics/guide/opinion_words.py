"""Words and phrases of opinion in restaurant reviews, by how much they praise (above 0) or complain (below 0).

Written for palate. A phrase of several words is found before its words are; `NEGATIONS` turn what follows them round.
"""

_PRAISE = {
    2.0: (
        "amazing awesome excellent outstanding fantastic incredible perfect perfectly perfection superb wonderful phenomenal"
        " exceptional delicious delish divine heavenly scrumptious magnificent brilliant fabulous best love loved loves"
        " favorite favourite exquisite spectacular impeccable flawless unbeatable amazed terrific stellar gorgeous to_die_for"
        " blown_away melt_in_your_mouth melts_in_your_mouth melted_in_my_mouth out_of_this_world hit_the_spot can't_go_wrong"
        " cannot_go_wrong can't_beat cannot_beat can't_get_enough second_to_none top_notch hidden_gem highly_recommend"
        " highly_recommended must_try a_must must_have great delightful outdid yummy never_better deliciously mouthwatering"
        " wonderfully superbly heaven paradise splendid sublime marvelous marvellous extraordinary remarkable sensational"
        " mind-blowing mouth-watering tastiest masterpiece bliss legendary breathtaking kudos bravo thumbs_up two_thumbs_up"
        " adore adored raving devoured exceeded exceeds outstandingly rocks not_to_be_missed don't_miss insanely_good"
        " blows_away greatest"
    ),
    1.5: (
        "good tasty fresh freshest lovely enjoyed enjoy enjoyable recommend recommended impressed impressive beautiful"
        " beautifully friendly friendliest attentive nice nicely nicest pleasant pleasantly helpful courteous cozy cosy"
        " charming romantic worth_it well_worth worth_the worth_every worth_a_try worth_trying flavorful flavourful succulent"
        " tender juicy yum happy thrilled glad pleased delighted satisfied satisfying generous reasonable reasonably affordable"
        " inexpensive bargain will_be_back be_back come_back coming_back go_back going_back keep_going keep_coming can't_wait"
        " better fun gem treat warm welcoming gracious accommodating knowledgeable efficient prompt promptly polite authentic"
        " spot_on well_done well_prepared well_cooked well_made well_priced cooked_to_perfection creative inventive innovative"
        " elegant superior addictive refreshing wow thanks thank joy pleasure raves finest hooked memorable unforgettable"
        " craving crave stunning comforting awsome accomodating accomadating above_average average_or_above more_than_enough"
        " short_wait not_too_bad you're_golden make_friends pinnacle oasis worthwhile fluffy buttery velvety silky ace fab"
        " appetizing appealing inviting thoughtful sincere hospitable hospitality professional patient immaculate spotless"
        " winner standout stands_out stood_out highlight favorites favourites go-to fan fond appreciate appreciated savored"
        " pleasing bonus success compliments yay addicted keeper check_it_out try_it_out intimate classy chic picturesque"
        " scenic soothing serene peaceful tranquil aromatic fragrant vibrant flaky zesty tangy perfect_for beats happily gladly"
        " lucky killer complimentary good_value great_value steal speedy swift seamless personable sweetest joyful"
        " superbly_done perfected mastered passion love_it happier satisfy satisfies recommending enjoying enjoyably"
    ),
    1.0: (
        "fine clean quick quickly fast crisp crispy rich creamy interesting unique cool solid decent fair cheap comfortable"
        " relaxing relaxed quiet spacious variety plentiful plenty huge extensive smooth tasteful popular classic homemade"
        " fresh-made special trendy stylish hip well smile smiling smiles kind right simple value easy convenient acceptable"
        " amazingly surprisingly never_fails never_disappoints never_disappointed consistently reliable consistent proper"
        " properly generously fair_price liked lively cute pretty hearty moist perfect_place gets_it_right welcome"
        " recommendable bright airy beautifully_presented glad_we unlimited free won_me_over nails deserves worthy trustworthy"
        " honest balanced excels shines surprised exceptionally filling hefty ample sizeable abundant crunchy modern sleek tidy"
        " hit star specialty famous renowned care pride savory seasoned worth surprise rivals plus positive regulars cozier"
        " comfy deal deals low_prices no_complaints no_problem no_wait well_lit cooked_perfectly hits improved improving"
    ),
}
_COMPLAINTS = {
    -2.0: (
        "terrible horrible awful worst disgusting inedible atrocious appalling rude rudest disappointing disappointed"
        " disappointment nasty gross vile rubbish pathetic dreadful abysmal unacceptable filthy rancid rotten spoiled stale"
        " sickening horrid food_poisoning made_me_sick got_sick threw_up waste waste_of ripoff rip_off ripped_off scam"
        " never_again never_return stay_away steer_clear avoid won't_be_back not_be_back will_not_be_back won't_return"
        " never_go_back never_be_back won't_go_back not_go_back not_return not_come_back not_coming_back won't_come_back"
        " don't_bother not_worth isn't_worth wasn't_worth let_down insult insulting ruined ridiculous obnoxious poisoned roach"
        " roaches cockroach unprofessional incompetent arrogant hate hated hates sucks sucked shame shameful joke crap crappy"
        " forgettable_at_best dissapointing dissapointed outrageous outragous evil tasteless flavorless flavourless lousy poor"
        " poorly slowest unfriendly overpriced over_priced yuck eww puke foul stink stinks stank moldy expired rotting slimy"
        " congealed underwhelming unappetizing disappointingly disappoints disappoint displeased dissatisfied furious disgusted"
        " appalled horrified insulted disrespectful rudeness disaster disastrous fiasco nightmare debacle unsanitary rats mice"
        " scammed cheated dishonest travesty worthless garbage trash sewage cardboard inferior substandard subpar sub-par"
        " below_par below_average nauseous nauseating diarrhea save_your_money look_elsewhere waste_your_time wasted wasting"
        " rip-off exorbitant pitiful laughable mockery dump stay_home"
    ),
    -1.5: (
        "bad bland cold dry soggy greasy burnt burned undercooked overcooked raw salty oversalted slow rushed ignored ignoring"
        " dirty sticky smelly smelled mediocre average_at_best nothing_special nothing_to_write_home leaves_a_lot"
        " leaves_something left_a_lot leave_a_lot leave_something skimpy not_enough bummer weak spotty sketchy stuck_together"
        " unavailable leftover unattractive lumpy expensive pricey pricy extortionate steep lukewarm tough rubbery chewy mushy"
        " watery frozen canned microwaved tiny small_portions stingy cramped loud noisy crowded uncomfortable annoying annoyed"
        " frustrating frustrated inattentive indifferent dismissive careless wrong mistake mistakes problem problems complain"
        " complained complaint complaints lacking lacked lacks lack unfortunately sadly sad mess messy weird unpleasant"
        " uninspired boring dull dingy forgot forgotten forget_it overrated hype wait_forever took_forever forever never_came"
        " an_hour wouldn't_recommend would_not_recommend not_recommend cannot_recommend can't_recommend don't_recommend"
        " do_not_recommend worse badly disorganized clueless attitude snobby snooty pretentious condescending oily heartless"
        " skip charged overcharged refused rudely fail failed fails poorest warned beware regret regretted ugh stale-tasting"
        " runny gloopy clumpy chalky gummy leathery stringy charred scorched overdone underdone doughy stodgy grease drenched"
        " overpowering overwhelming underseasoned underwhelmed unappealing unremarkable uninspiring unimaginative unhappy upset"
        " angry shocked offended curt brusque surly grumpy gruff yelled yelling argued neglected absent inexperienced chaotic"
        " chaos shabby run_down rundown grimy grubby stuffy deafening blaring awkward inconvenient costly lied misleading fake"
        " inauthentic americanized generic reheated pointless useless sick nauseous downside drawback flaw flaws issue issues"
        " error errors delay delays delayed refund sent_back think_twice elsewhere second-rate low_quality poor_quality"
        " declined bust flop unreasonable overbearing impersonal impatient aloof rushed_us cold_shoulder"
    ),
    -1.0: (
        "ok okay alright meh so-so average minutes mins waited waiting wait long limited small little loudly cheaper_elsewhere"
        " instead barely hardly too_much too_many too_long too_small too_loud too_sweet too_salty too_dry could_have_been"
        " could_be_better should_have should_be supposed would_have_been used_to_be downhill thin heavy hard_to tired plain"
        " missing empty ran_out run_out sorry apologize apologized excuse pretension forgettable despite lost odd strange"
        " hassle unless if_only but_not nothing unsatisfied unimpressed unevenly uneven inconsistent crowded pushy hurried"
        " interrupted stuck limp flat sloppy fatty gristle bones hair fly flies late warm_beer harsh overly dense worn packed"
        " tight trouble extra_charge tacky hidden elsewhere_for used_to lukewarm_at_best noise no_longer pass_on dive mistaken"
        " unavailable ignore disappeared nowhere standoffish"
    ),
}
_NEGATIONS = (
    "not no never n't cannot without neither nor hardly barely isn't wasn't aren't weren't don't doesn't didn't won't wouldn't"
    " can't couldn't shouldn't ain't haven't hasn't hadn't nothing nobody none lack lacks lacking lacked isnt wasnt dont doesnt"
    " didnt wont cant couldnt wouldnt"
)
_STRONGER = "very really so extremely incredibly absolutely super truly always totally completely insanely most"
_WEAKER = "bit little slightly somewhat kinda fairly rather sort kind quite almost sometimes"
_CONTRASTS = "but however though although yet except while whereas unless"
NEGATIONS = frozenset(_NEGATIONS.split())
STRONGER = frozenset(_STRONGER.split())
WEAKER = frozenset(_WEAKER.split())
CONTRASTS = frozenset(_CONTRASTS.split())
OPINIONS = {
    tuple(word.split("_")): weight
    for table in (_PRAISE, _COMPLAINTS)
    for weight, words in table.items()
    for word in words.split()
}
LONGEST = max(map(len, OPINIONS))
