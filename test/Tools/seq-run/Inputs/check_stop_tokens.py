"""Makes the fourth token of a greedy generation one that ends a text, and generates again.

    check_stop_tokens.py SEQC SEQ_RUN SEQ_DUMP MODEL_FOLDER WORK_FOLDER
"""
import json
import pathlib
import shutil
import subprocess
import sys


def output(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stderr}")
    return done.stdout


def main():
    seqc, seq_run, seq_dump, source, work = sys.argv[1:]
    folder, module = pathlib.Path(work) / "model", pathlib.Path(work) / "model.seqm"
    shutil.rmtree(work, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("config.json", "model.safetensors"):
        shutil.copy(pathlib.Path(source) / name, folder / name)

    def generate(*options):
        command = [seq_run, module, "--prompt-ids=5,17,42", "--max-tokens=8", "--json", *options]
        return json.loads(output(*command))["ids"]

    output(seqc, folder, "-o", module)
    ids = generate("--ignore-eos")
    stop = next(id for id in ids[2:] if id not in ids[:2])
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": [319, stop]}))
    output(seqc, folder, "-o", module)
    ended = ids[:ids.index(stop) + 1]
    assert generate() == ended, (generate(), ids, stop)
    assert generate("--ignore-eos") == ids
    assert json.loads(output(seq_dump, module, "--json"))["stop_tokens"] == [319, stop]
    assert f"stops at   319 {stop}\n" in output(seq_dump, module)


if __name__ == "__main__":
    main()
