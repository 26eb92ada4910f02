/**
 * Two histograms over the same edges: the reference as an outline, the source as filled bars.
 */
import React from 'react';

import type { Drift } from '../schemas';
import { moment, number, share, whole } from './format';
import { useView } from './hooks';

const WIDTH = 480;

interface IPair {
  label: string;
  before: number;
  after: number;
  shareBefore: number;
  shareAfter: number;
}

/** Both sides of a column, bin by bin, as shares of their own rows: tables of different length compare. */
export function pairsOf(drift: Drift): IPair[] {
  const { before, after, edges, labels, whole } = drift;
  const sum = (counts: readonly number[]): number =>
    Math.max(
      1,
      counts.reduce((total, count) => total + count, 0)
    );
  const [allBefore, allAfter] = [sum(before), sum(after)];
  const isTime = drift.type_after === 'datetime' || drift.type_after === 'date';
  const span = edges.length ? edges[edges.length - 1] - edges[0] : 0;
  const at = (value: number): string => (isTime ? moment(value, span) : number(value));
  const beside = whole && !isTime ? 0.5 : 0;
  const bin = (place: number): string =>
    [edges[place] + beside, edges[place + 1] - beside].map(at).join(' – ');
  return Array.from({ length: Math.max(before.length, after.length) }, (_, place) => ({
    label: labels[place] ?? (edges.length > place + 1 ? bin(place) : ''),
    before: before[place] ?? 0,
    after: after[place] ?? 0,
    shareBefore: (before[place] ?? 0) / allBefore,
    shareAfter: (after[place] ?? 0) / allAfter
  }));
}

/** The two histograms, small for a row or large below it. */
export function Overlay({
  drift,
  large
}: {
  drift: Drift;
  large?: boolean;
}): JSX.Element | null {
  const { trans } = useView();
  const pairs = pairsOf(drift);
  if (!pairs.length) {
    return null;
  }
  const height = large ? 140 : 28;
  const highest = Math.max(
    ...pairs.flatMap(one => [one.shareBefore, one.shareAfter]),
    1e-9
  );
  const width = WIDTH / pairs.length;
  const tall = (part: number): number =>
    part > 0 ? Math.max((part / highest) * (height - 2), 1) : 0;
  const outline = pairs
    .map((one, place) => {
      const y = height - tall(one.shareBefore);
      return `${place ? 'L' : 'M'}${place * width} ${y}L${(place + 1) * width} ${y}`;
    })
    .join('');
  return (
    <svg
      className={large ? 'orrery-eda-view-overlay-large' : 'orrery-eda-view-sparkline'}
      viewBox={`0 0 ${WIDTH} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={trans.__('%1 before and after', drift.name)}
    >
      {pairs.map((one, place) => (
        <g key={place}>
          <title>
            {trans.__(
              '%1\nbefore: %2\nafter: %3',
              one.label,
              `${whole(one.before)} (${share(one.shareBefore)})`,
              `${whole(one.after)} (${share(one.shareAfter)})`
            )}
          </title>
          <rect
            className="orrery-eda-view-chart-column"
            x={place * width}
            y={0}
            width={width}
            height={height}
          />
          <rect
            className="orrery-eda-view-after"
            x={place * width + width * 0.08}
            width={width * 0.84}
            y={height - tall(one.shareAfter)}
            height={tall(one.shareAfter)}
          />
        </g>
      ))}
      <path
        className="orrery-eda-view-before"
        d={outline}
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}

/** Which is which. */
export function OverlayLegend(): JSX.Element {
  const { trans } = useView();
  return (
    <p className="orrery-eda-view-legend orrery-eda-view-quiet">
      <span data-side="before" aria-hidden />
      {trans.__('before (reference)')}
      <span data-side="after" aria-hidden />
      {trans.__('after')}
    </p>
  );
}
