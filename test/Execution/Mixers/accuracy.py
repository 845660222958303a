"""The bounds of "Accuracy" in docs/Spec.md."""
import math
import pathlib
import re

UNIT = 2.0**-24


def rows(spec):
    """(ops, forms, s, n) of each row of the table; n is an expression of L, C and K."""
    section = pathlib.Path(spec).read_text().split("\n## Accuracy\n")[1].split("\n## ")[0]
    for line in re.findall(r"^\| (?!op )(.*) \|$", section, re.M):
        ops, forms, s, n = (cell.strip() for cell in f" {line}".split("|"))
        product = re.sub(r"(?<=[\w)]) (?=[A-Z(])", " * ", n)
        yield ops.split(", "), forms.split(", "), float(s), product


def bound(spec, op, variables, form):
    """The largest error of an op in a form such as chunkwise64; `auto` may be any form. Of the variables, T is the
    number of tokens, K the terms of an inner product and `decay` the largest decay (no decay without it)."""
    name, chunk = re.fullmatch(r"([a-z]+)(\d*)", form).groups()
    tokens, decay = variables["T"], variables.get("decay", 1)
    lifetime = tokens if decay == 1 else (1 - decay**tokens) / (1 - decay)
    size = max(16, float(chunk or tokens))
    bounds = [UNIT * ((s if "decay" in variables else 0) * lifetime +
                      4 * math.sqrt(eval(n, {"L": lifetime, "C": size, "K": variables.get("K", 1)})))
              for ops, forms, s, n in rows(spec) if op in ops and (name == "auto" or name in forms or forms == [""])]
    if not bounds:
        raise SystemExit(f"{spec} bounds no {op} in the form {form}")
    return max(bounds)
