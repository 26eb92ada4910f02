/**
 * The chart library, in a chunk of its own that is fetched when the first chart is drawn.
 */
import type * as Plot from '@observablehq/plot';

import { loaded } from '../lazy';

/** Observable Plot: marks, scales and transforms. */
export type ChartLibrary = typeof Plot;

let library: Promise<ChartLibrary> | null = null;

/** The library; rejects with an `OrreryError` when it cannot be fetched, and is fetched again then. */
export function loadChartLibrary(): Promise<ChartLibrary> {
  library ??= loaded(import('@observablehq/plot')).catch((error: unknown) => {
    library = null;
    throw error;
  });
  return library;
}
