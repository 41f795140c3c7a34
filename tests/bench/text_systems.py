"""Text models as `score_ner.py --system text_systems:NAME` wants them: texts in, spans with labels out."""

from detectors.language import crf
from detectors.language.models import added_models, load


def _spans(model):
    return lambda texts: [[(s.start, s.end, s.kind) for s in found] for found in model(texts)]


def own():
    """The model in the package."""
    return _spans(crf.builtin())


def lac():
    """LAC's weights, when `chujing models add` brought them."""
    paths = [p for p in added_models() if "lac" in p.name.lower()]
    if not paths:
        raise SystemExit("LAC's weights are not added: chujing models add LAC-2.1.2/LAC/lac_model")
    return _spans(load(paths[0]))


def jieba():
    """jieba.posseg's nr, ns and nt, for comparison."""
    import jieba.posseg

    kinds = {"nr": "PERSON", "nrt": "PERSON", "nrfg": "PERSON", "ns": "LOCATION", "nt": "ORG"}

    def read(texts):
        out = []
        for text in texts:
            at, spans = 0, []
            for word, tag in jieba.posseg.cut(text):
                if tag in kinds:
                    spans.append((at, at + len(word), kinds[tag]))
                at += len(word)
            out.append(spans)
        return out
    return read
