"""Why figures of a simulated centre moved, against what was planted in it and against exact fractions.

The figures that are taken apart come from the program; what rates and shares did is worked out here a second time, in
fractions. Which value is to blame stands in `truth.json`.
"""

import json
import math
import sys
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from checks import Check, number  # noqa: E402

check = Check()
with check.demo(days=90, calls_per_day=2000, seed=7):
    pass
truth = json.loads((check.work / "truth.json").read_text())
plan, causes = truth["plan"], truth["causes"]
END = (date.fromisoformat(plan["end"]) + timedelta(days=1)).isoformat()


def why(metric, *arguments):
    return json.loads(check.run("why", metric, "--format", "json", *arguments))


def adds_up(name, found):
    """Rate and mix, and the totals of all values, come to the change."""
    segments = found["segments"]
    for what, sum_ in (
        ("rate and mix", found["rate"] + found["mix"]),
        ("totals", sum(one["total"] for one in segments)),
        ("rates", sum(one["rate"] for one in segments) + found["mix"]),
        ("mixes", sum(one["mix"] for one in segments) + found["rate"]),
    ):
        check.holds(f"{name}: {what} add up to the change", abs(sum_ - found["change"]) < 1e-12, (sum_, found["change"]))


def taken_apart(found, before, now, by):
    """By the definition, in fractions: from the parts by value on either side."""
    sides = []
    for options in (before, now):
        rows = json.loads(check.run("query", found["metric"], "--by", by, "--format", "json", *options))
        sides.append({row[by]: tuple(number(row[found["metric"]][part]) or 0 for part in ("numerator", "denominator")) for row in rows})
    whole = [sum(t for t, _ in side.values()) / Fraction(sum(b for _, b in side.values())) for side in sides]
    wanted = {}
    for key in {**sides[0], **sides[1]}:
        (t0, b0), (t1, b1) = (side.get(key, (0, 0)) for side in sides)
        w0, w1 = (Fraction(b) / sum(b for _, b in side.values()) for b, side in zip((b0, b1), sides))
        r0, r1 = (Fraction(t) / b if b else None for t, b in ((t0, b0), (t1, b1)))
        r0, r1 = (r1 if r0 is None else r0), (r0 if r1 is None else r1)
        wanted[key] = ((w0 + w1) / 2 * (r1 - r0), ((r0 + r1) / 2 - sum(whole) / 2) * (w1 - w0))
    return wanted


# The first scene: the list, not the team.
scene = causes["list_not_team"]
campaign, changed = scene["campaign"], scene["changed_on"]
WHERE = f"campaign_id = '{campaign}'"
FIGURE = "conversion_rate/success_per_dial"
before = ("--from", plan["first_day"], "--to", changed, "--where", WHERE)
now = ("--from", changed, "--to", END, "--where", WHERE)
against = ("--against", f"{plan['first_day']}..{changed}")
found = why(FIGURE, *now, *against, "--by", "lead_source")
adds_up("first scene", found)
wanted = taken_apart(found, before, now, "lead_source")
near = all(
    abs(one[part] - float(wanted[one["is"]["lead_source"]][at])) < 1e-12
    for one in found["segments"]
    for at, part in enumerate(("rate", "mix"))
)
check.holds("rate and mix by lead source are those of exact fractions", near and len(wanted) == len(found["segments"]), wanted)
check.holds("the fall is mix", found["change"] < 0 and found["mix"] < found["change"] * 0.9, (found["rate"], found["mix"]))
planted = scene["planted"]
mean = lambda pair: sum(pair) / 2  # noqa: E731
by_plan = sum(
    (mean(rates) - mean([sum(w * r for w, r in zip(planted[f"mix_{side}"], planted[f"rates_{side}"])) for side in ("before", "after")]))
    * (w1 - w0)
    for rates, w0, w1 in zip(zip(planted["rates_before"], planted["rates_after"]), planted["mix_before"], planted["mix_after"])
)
check.holds("the mix is what was planted", abs(found["mix"] - by_plan) < 0.001, (found["mix"], by_plan))
found = why(FIGURE, *now, *against)
adds_up("first scene, looked for", found)
check.holds(
    "it is the list or where its leads come from, not a team, an agent or an hour",
    set(found["by"]) <= {"list_id", "list_age_band", "lead_source", "lead_origin"} and found["tells"] > 0.6,
    [found["by"], found["tells"], found["looked"]],
)
found = why(FIGURE, *now, *against, "--by", "list_id")
check.holds("the old list is named first", found["named"][0]["list_id"] == scene["list"], found["named"])

# The same as a product: fewer are reached, or fewer of those buy.
product = found["product"]
effects = [one["effect"] for one in product["factors"]]
check.equals("conversion per dial is a product", [one["metric"] for one in product["factors"]], ["connection_rate/person", "conversion_rate/success_per_contact"])
check.holds("its effects add up to the change", abs(sum(effects) - found["change"]) < 1e-12, (effects, found["change"]))
sides = [[number(one[side]) for one in product["factors"]] for side in ("before", "now")]
figures = [Fraction(number(found[side]["numerator"])) / number(found[side]["denominator"]) for side in ("before", "now")]
near = all(abs(float(a * b) - float(figure)) < 1e-9 for (a, b), figure in zip(sides, figures))
check.holds("and its factors multiply to either side", near, (sides, figures))
mean = (float(figures[1]) - float(figures[0])) / math.log(figures[1] / figures[0])
near = all(abs(effect - mean * math.log(b / a)) < 1e-9 for effect, a, b in zip(effects, *sides))
check.holds("each by its logarithm", near, effects)

# Two dimensions: by a caller number within each source of leads.
found = why(FIGURE, *now, *against, "--by", "lead_source,caller_id")
adds_up("a number within a source", found)
within = found["within"]
sums = [within[part] for part in ("mix", "left", "inner_mix", "inner_rate")]
check.holds("four sums come to the change", abs(sum(sums) - found["change"]) < 1e-12, (sums, found["change"]))
cells = [
    {(row["lead_source"], row["caller_id"]): tuple(number(row[FIGURE][part]) or 0 for part in ("numerator", "denominator")) for row in rows}
    for rows in (json.loads(check.run("query", FIGURE, "--by", "lead_source,caller_id", "--format", "json", *side)) for side in (before, now))
]
bottoms = [sum(b for _, b in side.values()) for side in cells]
inner = {}
for source in {key[0] for side in cells for key in side}:
    own = [{key[1]: part for key, part in side.items() if key[0] == source} for side in cells]
    weights = [Fraction(sum(b for _, b in side.values())) for side in own]
    if not all(weights):
        continue
    share = sum(w / b for w, b in zip(weights, bottoms)) / 2
    whole = sum(Fraction(sum(t for t, _ in side.values())) / w for side, w in zip(own, weights)) / 2
    for caller in {**own[0], **own[1]}:
        (t0, b0), (t1, b1) = (side.get(caller, (0, 0)) for side in own)
        w0, w1 = Fraction(b0) / weights[0], Fraction(b1) / weights[1]
        r0, r1 = (Fraction(t) / b if b else None for t, b in ((t0, b0), (t1, b1)))
        r0, r1 = (r1 if r0 is None else r0), (r0 if r1 is None else r1)
        if r0 is not None:
            total = share * ((w0 + w1) / 2 * (r1 - r0) + ((r0 + r1) / 2 - whole) * (w1 - w0))
            inner[caller] = inner.get(caller, 0) + total
near = all(abs(one["total"] - float(inner[one["is"]])) < 1e-12 for one in within["segments"])
check.holds("numbers within sources are those of exact fractions", near and len(inner) == len(within["segments"]), inner)

# Sales are no ratio, but a product.
found = why("sales", *now, *against)
effects = [one["effect"] for one in found["product"]["factors"]]
counts = [int(found[side]["value"]) for side in ("before", "now")]
check.equals("sales moved by", round(found["change"], 6), counts[1] - counts[0])
check.holds("of which dials, contact and conversion have their parts", len(effects) == 3 and abs(sum(effects) - found["change"]) < 1e-9, effects)

# The fifth: one caller ID is answered less from a certain hour on.
scene = causes["caller_id"]
day = date.fromisoformat(scene["day"])
found = why(
    "connection_rate/answered_any",
    *("--from", (day + timedelta(days=1)).isoformat(), "--to", END, "--where", f"campaign_id = '{scene['campaign']}'"),
    *("--against", f"{changed}..{day.isoformat()}"),
)
adds_up("fifth scene", found)
check.equals("it is a caller ID", found["by"], ["caller_id"])
check.equals("it is the one that fell", [one["caller_id"] for one in found["named"]], [scene["caller_id"]])
says = " ".join(found["says"])
check.holds("a sentence says so", f"caller_id = {scene['caller_id']}: -" in says, says)

# Where nothing was planted, nothing is found: weeks before any change.
first = date.fromisoformat(plan["first_day"])
week = [(first + timedelta(days=7 * n)).isoformat() for n in (1, 3, 5)]
found = why(FIGURE, "--from", week[1], "--to", week[2], "--against", f"{week[0]}..{week[1]}", "--where", WHERE)
adds_up("quiet weeks", found)
check.holds("of quiet weeks little is told", (found["tells"] or 0) < 0.6 or not found["named"], (found["by"], found["named"]))

# Other records of the same days; and what cannot be taken apart is said in a sentence.
found = why(f"{FIGURE} where team_id = 'D-HOME-1'", "--from", changed, "--to", END, "--against", "team_id = 'D-HOME-2'")
adds_up("two teams", found)
check.equals("each side says whose records it is", [found[side]["where"] for side in ("before", "now")], ["team_id = 'D-HOME-2'", "team_id = 'D-HOME-1'"])
for arguments, says in (
    (("dials",), "no ratio"),
    ((FIGURE, "--from", "2030-01-01", "--to", "2030-01-08"), "no value"),
    ((FIGURE, "--against", "last summer"), "neither"),
    ((FIGURE, "--by", "a,b,c"), "There is no dimension `a`"),
    (("sales", "--by", "team_id"), "for its factors"),
):
    done = check.tried("why", *arguments)
    check.holds(f"{' '.join(arguments)}: refused with a sentence", says in done, done)
check.close()
