// Between AB magnitudes and flux densities: mag = -2.5 log10(flux / 3631 Jy), Oke & Gunn 1983 (ApJ 266, 713)
// with the rounded zero point that surveys state. With 48.60 instead of 3631 Jy (astropy's ABmag, Rubin's
// 31.4) magnitudes come out 0.000066 brighter: below any photometric error, and said here once.

const NJY_PER_JY = 1e9;
const AB_ZERO_NJY = 3631 * NJY_PER_JY;

/** Magnitude of 1 nJy: 31.400066. */
export const AB_ZERO_MAG = 2.5 * Math.log10(AB_ZERO_NJY);

/** 2.5 / ln 10: error in magnitudes of a relative error in flux. */
const MAG_PER_RELATIVE_ERROR = 2.5 / Math.LN10;

/** Infinity for a flux of 0, NaN below: a difference flux may be negative, its magnitude may not exist. */
export function magAbOfNjy(fluxNjy: number): number {
  return AB_ZERO_MAG - 2.5 * Math.log10(fluxNjy);
}

export function njyOfMagAb(magAb: number): number {
  return 10 ** ((AB_ZERO_MAG - magAb) / 2.5);
}

/** First order, from the size of the flux whatever its sign. */
export function magErrOfNjy(fluxNjy: number, fluxErrNjy: number): number {
  return (MAG_PER_RELATIVE_ERROR * fluxErrNjy) / Math.abs(fluxNjy);
}

export function njyErrOfMagAb(magAb: number, magErr: number): number {
  return (njyOfMagAb(magAb) * magErr) / MAG_PER_RELATIVE_ERROR;
}
