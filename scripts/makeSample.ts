// Makes the tables of sample/ from the shared data sets: real ZTF detections whose licence lets us hand them
// on (sample/README.md). `node scripts/makeSample.ts [data folder]`. Same input, same bytes.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { constants, gunzipSync, gzipSync } from "node:zlib";

/** Apache-2.0 and MIT; the other sources of the same tables stay out. */
const ALLOWED_SOURCES = [
  "astrolabsoftware+fink-",
  "FusRoman+fink-fat",
  "skyportal+kowalski",
].map((name) => `raw/${name}`);
/** The tables give the start of the exposure; every public ZTF exposure takes 30 s. */
const EXPTIME_S = 30;
const SECONDS_PER_DAY = 86_400;
const COLUMNS =
  "survey,source_id,object_id,station,mjd_utc,exptime_s,ra_deg,dec_deg,band,mag_ab,mag_err,kind";

type Row = Record<string, string>;

const repository = fileURLToPath(new URL("..", import.meta.url));
const data =
  process.argv[2] ??
  process.env["NIGHTJAR_SHARED_DATA"] ??
  fileURLToPath(new URL("../../shared/data/", import.meta.url));

writeSample("ztf-alerts.csv.gz", objectsWithAtLeast(3, rowsOf("alerts_ztf")));
writeSample(
  "ztf-asteroids-2020-05.csv.gz",
  objectsWithAtLeast(3, rowsOf("moving_ztf_dense")),
);

/** Rows of one table from allowed sources, each source id once (the history of later packets repeats it). */
function rowsOf(table: string): Row[] {
  const text = gunzipSync(
    readFileSync(`${data}/real/norm/${table}.csv.gz`),
  ).toString("utf8");
  const [header, ...lines] = text.trimEnd().split("\n");
  const names = header.split(",");
  const seen = new Set<string>();
  return lines
    .map((line) =>
      Object.fromEntries(line.split(",").map((field, c) => [names[c], field])),
    )
    .filter((row) =>
      ALLOWED_SOURCES.some((source) => row["source_file"].startsWith(source)),
    )
    .filter((row) => !seen.has(row["det_id"]) && seen.add(row["det_id"]));
}

function objectsWithAtLeast(detections: number, rows: Row[]): Row[] {
  const counts = new Map<string, number>();
  for (const row of rows)
    counts.set(row["object_id"], (counts.get(row["object_id"]) ?? 0) + 1);
  return rows.filter(
    (row) => (counts.get(row["object_id"]) ?? 0) >= detections,
  );
}

function writeSample(file: string, rows: Row[]): void {
  rows.sort(
    (a, b) =>
      Number(a["mjd_utc"]) - Number(b["mjd_utc"]) ||
      (a["det_id"] < b["det_id"] ? -1 : 1),
  );
  const lines = rows.map((row) => {
    const mjdMid = (
      Number(row["mjd_utc"]) +
      EXPTIME_S / 2 / SECONDS_PER_DAY
    ).toFixed(8);
    const magnitude = [row["mag"], row["mag_err"]].map((value) =>
      value === "" ? "" : shortestFloat32(Number(value)),
    );
    return [
      "ZTF",
      row["det_id"],
      row["object_id"],
      "I41",
      mjdMid,
      String(EXPTIME_S),
      row["ra_deg"],
      row["dec_deg"],
      row["band"],
    ]
      .concat(magnitude, "detection")
      .join(",");
  });
  const packed = gzipSync(`${COLUMNS}\n${lines.join("\n")}\n`, {
    level: constants.Z_BEST_COMPRESSION,
  });
  writeFileSync(`${repository}/sample/${file}`, packed);
  const objects = new Set(rows.map((row) => row["object_id"])).size;
  console.log(
    `sample/${file}: ${String(rows.length)} rows, ${String(objects)} objects, ${String(packed.length)} bytes`,
  );
}

/** The tables hold float32 values written out as doubles. */
function shortestFloat32(value: number): string {
  const float32 = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const text = String(Number(float32.toPrecision(digits)));
    if (Math.fround(Number(text)) === float32) return text;
  }
  return String(float32);
}
