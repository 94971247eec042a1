"""Records by SQL pull: MariaDB and PostgreSQL are started for it, and what Dialmark has pulled is held against what the
servers count themselves."""

import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import packs  # noqa: E402
import plain  # noqa: E402
import servers  # noqa: E402
from checks import Check  # noqa: E402

check = Check()
os.environ["CENTRE_PASSWORD"] = plain.PASSWORD


def project(sources, zone="Europe/London"):
    """A fresh project with these sources."""
    shutil.rmtree(check.work, ignore_errors=True)
    (check.work / "sources").mkdir(parents=True)
    (check.work / "dialmark.toml").write_text(
        f'[centre]\nname = "Pull"\nzone = "{zone}"\ncurrency = "GBP"\n\n[store]\nfolder = "lake"\n'
    )
    (check.work / "sources" / "pulled.toml").write_text(sources)


with servers.both() as both:
    plain.check_types(check, both, project)
    plain.check_edges(check, both, project)
    plain.check_days_zero(check, both, project)
    plain.check_interrupted(check, both, project, check.program)
    plain.check_replaced(check, both, project)
    plain.check_gentle(check, both, project)
    packs.check_vicidial(check, both, project)
    packs.check_summer_time(check, both, project)
    packs.check_asterisk(check, both, project)
    plain.check_refusals(check, both, project, check.program, dict(os.environ))
    plain.check_encrypted(check, both, project, dict(os.environ), check.program)

check.close()
