/**
 * A histogram large enough to read numbers from.
 */
import React from 'react';

import type { Histogram, Outliers } from '../schemas';
import { binsOf, fullest, type IBin } from './bins';
import { compact, edge, share, whole } from './format';
import { useView } from './hooks';

const WIDTH = 480;
const HEIGHT = 140;
const LEFT = 0;
const GAP = 0.75;

/** The bins of a histogram over an axis; what a bin holds is told on hover. */
export function HistogramChart(props: {
  histogram: Histogram;
  isTime: boolean;
  of: number;
  name: string;
  outliers?: Outliers | null;
}): JSX.Element {
  const { trans } = useView();
  const { histogram, isTime, of, name, outliers } = props;
  const bins = binsOf(histogram);
  const { edges } = histogram;
  const at = (value: number): string => edge(value, edges, isTime);
  const between = ({ from, to }: IBin): string =>
    from === to ? at(from) : trans.__('%1 to %2', at(from), at(to));
  const width = (WIDTH - LEFT) / Math.max(bins.length, 1);
  const high = fullest(bins);
  const beyond = (bin: { from: number; to: number }): boolean =>
    Boolean(
      outliers && (bin.to <= outliers.fence_low || bin.from >= outliers.fence_high)
    );
  return (
    <figure className="orrery-eda-view-chart">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={trans.__('Histogram of %1', name)}
      >
        {bins.map((bin, place) => (
          <g key={place} data-beyond={beyond(bin)}>
            <title>
              {trans.__(
                '%1: %2 (%3)',
                between(bin),
                trans
                  ._n('%1 row', '%1 rows', bin.count)
                  .replace(String(bin.count), whole(bin.count)),
                share(of > 0 ? bin.count / of : 0)
              )}
            </title>
            <rect
              className="orrery-eda-view-chart-column"
              x={LEFT + place * width}
              y={0}
              width={width}
              height={HEIGHT}
            />
            <rect
              className="orrery-eda-view-chart-bar"
              x={LEFT + place * width + GAP}
              y={HEIGHT - tall(bin.height, bin.count)}
              width={Math.max(width - 2 * GAP, 1)}
              height={tall(bin.height, bin.count)}
            />
          </g>
        ))}
      </svg>
      <div className="orrery-eda-view-axis" aria-hidden>
        <span>{at(bins[0].from)}</span>
        {bins.length > 1 && (
          <span>{at((bins[0].from + bins[bins.length - 1].to) / 2)}</span>
        )}
        {bins.length > 1 && <span>{at(bins[bins.length - 1].to)}</span>}
      </div>
      {high && (
        <figcaption className="orrery-eda-view-quiet">
          {trans.__('Highest bin: %1 rows, %2', compact(high.count), between(high))}
        </figcaption>
      )}
    </figure>
  );
}

function tall(height: number, count: number): number {
  return count > 0 ? Math.max(height * (HEIGHT - 4), 1.5) : 0;
}

/** Counts that have names: hours, weekdays. */
export function Strip(props: {
  counts: readonly number[];
  names: readonly string[];
  label: string;
}): JSX.Element {
  const { counts, names, label } = props;
  const highest = Math.max(1, ...counts);
  return (
    <div className="orrery-eda-view-strip" role="group" aria-label={label}>
      <span className="orrery-eda-view-quiet">{label}</span>
      <ol>
        {counts.map((count, place) => (
          <li key={place} title={`${names[place]}: ${whole(count)}`}>
            <span
              className="orrery-eda-view-strip-bar"
              style={{ blockSize: `${(count / highest) * 100}%` }}
              aria-hidden
            />
            <span className="orrery-hidden">{`${names[place]}: ${whole(count)}`}</span>
          </li>
        ))}
      </ol>
      <span className="orrery-eda-view-axis" aria-hidden>
        <span>{names[0]}</span>
        <span>{names[names.length - 1]}</span>
      </span>
    </div>
  );
}
