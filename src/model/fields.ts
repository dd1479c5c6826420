// The columns as the outside sees them, in order: the one place for their names, types, units, UCDs and
// descriptions. JSON, CSV, VOTable, Arrow and Parquet all come from this table.

import { NO_DETECTOR, NO_EXPOSURE, type DetectionColumns } from './columns.ts';
import { kindName } from './kind.ts';
import { utcOfTai } from '../sky/time.ts';

/** int64 and uint64 are text outside (a double would round them); float32 prints its shortest decimal. */
export type FieldType = 'text' | 'int64' | 'uint64' | 'int32' | 'float32' | 'float64';

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** As astropy writes it, '' without one. */
  readonly unit: string;
  readonly ucd: string;
  readonly description: string;
  /** null where there is no value; bigint only for int64 and uint64. */
  readonly value: (columns: DetectionColumns, row: number) => string | number | bigint | null;
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

type FloatColumn = {
  [K in keyof DetectionColumns]: DetectionColumns[K] extends Float32Array | Float64Array ? K : never;
}[keyof DetectionColumns];

function float(name: string, column: FloatColumn, type: 'float32' | 'float64', unit: string, ucd: string, description: string): Field {
  return { name, type, unit, ucd, description, value: (columns, row) => orNull((columns[column] as Float64Array)[row]) };
}

function text(name: string, ucd: string, description: string, value: (columns: DetectionColumns, row: number) => string | null): Field {
  return { name, type: 'text', unit: '', ucd, description, value };
}

export const SEP_FIELD: Field = float(
  'sep_arcsec',
  'sepArcsec',
  'float64',
  'arcsec',
  'pos.angDistance',
  'Separation from the asked position',
);

export const FIELDS: readonly Field[] = [
  text('survey', 'meta.dataset', 'Survey that measured it', (c, i) => c.surveyOf(i)),
  text('source_id', 'meta.id;meta.main', "The survey's id of this detection, byte for byte", (c, i) => c.sourceIdOf(i)),
  text('object_id', 'meta.id.parent', "The survey's object id, else the id of the object it was associated with", (c, i) => c.objectId[i]),
  {
    name: 'exposure_id',
    type: 'int64',
    unit: '',
    ucd: 'meta.id;obs.exposure',
    description: 'Exposure or visit',
    value: (c, i) => (c.exposureId[i] === NO_EXPOSURE ? null : c.exposureId[i]),
  },
  {
    name: 'detector',
    type: 'int32',
    unit: '',
    ucd: 'meta.number;instr.det',
    description: 'Detector of the camera',
    value: (c, i) => (c.detector[i] === NO_DETECTOR ? null : c.detector[i]),
  },
  text('station', 'meta.id;instr.obsty', 'MPC observatory code', (c, i) => c.stations.names[c.station[i]] || null),
  float('mjd_tai', 'mjdTai', 'float64', 'd', 'time.epoch', 'Mid-exposure time, MJD, TAI'),
  {
    name: 'mjd_utc',
    type: 'float64',
    unit: 'd',
    ucd: 'time.epoch',
    description: 'Mid-exposure time, MJD, UTC',
    value: (c, i) => utcOfTai(c.mjdTai[i]),
  },
  float('exptime_s', 'exptimeS', 'float32', 's', 'time.duration;obs.exposure', 'Exposure time'),
  float('ra_deg', 'raDeg', 'float64', 'deg', 'pos.eq.ra;meta.main', 'Right ascension, ICRS'),
  float('dec_deg', 'decDeg', 'float64', 'deg', 'pos.eq.dec;meta.main', 'Declination, ICRS'),
  float('ra_err_arcsec', 'raErrArcsec', 'float32', 'arcsec', 'stat.error;pos.eq.ra', 'Error of right ascension times cos(dec)'),
  float('dec_err_arcsec', 'decErrArcsec', 'float32', 'arcsec', 'stat.error;pos.eq.dec', 'Error of declination'),
  text('band', 'meta.id;instr.bandpass', 'Passband', (c, i) => c.bands.names[c.band[i]] || null),
  float('diff_flux_njy', 'diffFluxNjy', 'float32', 'nJy', 'phot.flux.density', 'Flux on the difference image, signed'),
  float('diff_flux_err_njy', 'diffFluxErrNjy', 'float32', 'nJy', 'stat.error;phot.flux.density', 'Error of diff_flux_njy'),
  float('sci_flux_njy', 'sciFluxNjy', 'float32', 'nJy', 'phot.flux.density', 'Flux on the science image'),
  float('sci_flux_err_njy', 'sciFluxErrNjy', 'float32', 'nJy', 'stat.error;phot.flux.density', 'Error of sci_flux_njy'),
  float('mag_ab', 'magAb', 'float32', 'mag', 'phot.mag', 'AB magnitude'),
  float('mag_err', 'magErr', 'float32', 'mag', 'stat.error;phot.mag', 'Error of mag_ab'),
  float('mag_limit_ab', 'magLimitAb', 'float32', 'mag', 'phot.mag;stat.max', 'Limiting magnitude of the exposure'),
  float('snr', 'snr', 'float32', '', 'stat.snr', 'Signal to noise ratio'),
  float('reliability', 'reliability', 'float32', '', 'stat.probability', 'Probability that it is real, 0 to 1'),
  float('trail_len_arcsec', 'trailLenArcsec', 'float32', 'arcsec', 'phys.angSize', 'Length of its trail'),
  float('trail_pa_deg', 'trailPaDeg', 'float32', 'deg', 'pos.posAng', 'Position angle of its trail, north through east'),
  text('kind', 'meta.code', 'detection, forced or upper_limit', (c, i) => kindName(c.kind[i])),
  { name: 'flags', type: 'uint64', unit: '', ucd: 'meta.code.qual', description: 'Bit mask of the survey', value: (c, i) => c.flags[i] },
];
