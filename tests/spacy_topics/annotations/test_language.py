import json

import pytest

from corpora import bistro, street
from spacy_topics.annotations.language import LanguageCheck

SENTENCES = {
    "ar": "الطعام لذيذ جدا والخدمة ممتازة",
    "ca": "El menjar era molt bo i el servei molt amable, però una mica car.",
    "cs": "Jídlo bylo velmi dobré a obsluha byla milá, ale museli jsme dlouho čekat.",
    "da": "Maden var rigtig god, og personalet var meget venligt, så vi kommer igen.",
    "de": "Das Essen war sehr gut und die Bedienung freundlich, aber wir mussten lange warten.",
    "el": "Το φαγητό ήταν πολύ νόστιμο.",
    "en": "The food was very good and the staff were friendly, but we had to wait for a long time.",
    "es": "La comida estaba muy rica y el servicio fue excelente, pero un poco caro.",
    "fi": "Ruoka oli erittäin hyvää ja palvelu oli ystävällistä, mutta se oli vähän kallista.",
    "fr": "Très bon restaurant, le service est rapide et les plats sont délicieux.",
    "hi": "बिरयानी बहुत स्वादिष्ट थी",
    "hu": "Az étel nagyon finom volt, és a kiszolgálás is kedves, de sokat kellett várni.",
    "id": "Makanannya enak sekali dan pelayanannya ramah, tetapi harganya agak mahal untuk saya.",
    "it": "Il personale è molto gentile e la pizza era buonissima, torneremo sicuramente.",
    "ja": "とても美味しかったです。",
    "ko": "음식이 정말 맛있었어요.",
    "nb": "Maten var veldig god og betjeningen var hyggelig, men vi ventet lenge.",
    "nl": "Het eten was heerlijk en de bediening was erg vriendelijk, we komen zeker terug.",
    "pl": "Jedzenie było bardzo dobre, a obsługa miła, ale trochę za drogo jak na to.",
    "pt": "A comida estava muito boa e o atendimento foi ótimo, mas demorou um pouco.",
    "ru": "Еда была очень вкусной, обслуживание тоже.",
    "sv": "Maten var väldigt god och personalen var trevlig, vi kommer gärna tillbaka.",
    "th": "อาหารอร่อยมาก",
    "tr": "Yemekler çok güzeldi ve servis hızlıydı ama biraz pahalı bir yer.",
    "vi": "Món ăn rất ngon và nhân viên phục vụ nhiệt tình, nhưng giá hơi cao.",
    "zh": "味道很好，服务也不错。",
}


@pytest.mark.parametrize("lang", SENTENCES)
def test_a_sentence_is_in_its_own_language_alone(lang):
    assert not LanguageCheck(lang).is_other(SENTENCES[lang])
    if lang != "en":
        assert LanguageCheck("en").is_other(SENTENCES[lang])
        assert LanguageCheck(lang).is_other(SENTENCES["en"])


@pytest.mark.parametrize("lang", ["de", "es", "fr", "it"])
def test_other_pipelines_than_english_ones(lang):
    check = LanguageCheck(lang)
    near = (lang, "ca", "es", "it", "pt")  # what is not told apart from a neighbour counts as the pipeline's
    assert all(check.is_other(text) for other, text in SENTENCES.items() if other not in near)


@pytest.mark.parametrize("lang", ["xx", "nonsense"])
def test_a_pipeline_of_no_one_language_takes_all(lang):
    assert not any(LanguageCheck(lang).is_other(text) for text in SENTENCES.values())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "😍😍😍",
        "12$ 10/10",
        "<script>alert(1)</script> tacos & <b>pasta</b>",
        "好吃",
        "Très bon !",
        "Pasta, risotto, gnocchi, tiramisù.",
        "Carne asada, pollo al carbón, frijoles.",
        "Crème brûlée à la carte",
        "Went to 鼎泰豐 for the soup dumplings.",
        "GREAT tacos!!! muy bueno",
        "Pho tai nam gan was the best thing here",
    ],
)
def test_what_is_short_or_mixed_counts_as_the_pipelines(text):
    assert not LanguageCheck("en").is_other(text)


def test_no_english_review_is_taken_for_another_language(tmp_path):
    check = LanguageCheck("en")
    street.write_reviews(tmp_path / "r.jsonl", None)
    texts = [json.loads(line)["text"] for line in (tmp_path / "r.jsonl").read_text("utf8").splitlines()]
    texts += [review.text for review in bistro.reviews()]
    assert [text for text in texts if check.is_other(text)] == []
    for lang in ("de", "fr", "ja", "ru"):
        check = LanguageCheck(lang)
        assert sum(check.is_other(text) for text in texts) > 0.9 * len(texts)
