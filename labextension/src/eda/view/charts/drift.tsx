/**
 * Two histograms over the same edges: the reference as a line of steps, the source as filled bars.
 */
import React, { useCallback, useMemo } from 'react';

import { Chart, type ChartOptions } from '../../../base/chart/chart';
import { Sparkline } from '../../../base/chart/sparkline';
import type { Drift } from '../../schemas';
import { useView } from '../context';
import { moment, number, share, whole } from '../format';

const HEIGHT = 170;
const PIXELS_PER_TICK = 90;

/** One bin of both sides. */
export interface IBinPair {
  label: string;
  before: number;
  after: number;
  shareBefore: number;
  shareAfter: number;
}

/** Both sides of a column, bin by bin, as shares of their own rows: tables of different length compare. */
export function pairsOf(drift: Drift): IBinPair[] {
  const { before, after, edges, labels, whole: isWhole } = drift;
  const [rowsBefore, rowsAfter] = [rowsIn(before), rowsIn(after)];
  const beside = isWhole && !isTime(drift) ? 0.5 : 0;
  const rangeText = (index: number): string =>
    [edges[index] + beside, edges[index + 1] - beside]
      .map(value => edgeText(drift, value))
      .join(' – ');
  return Array.from({ length: Math.max(before.length, after.length) }, (_, index) => ({
    label: labels[index] ?? (edges.length > index + 1 ? rangeText(index) : ''),
    before: before[index] ?? 0,
    after: after[index] ?? 0,
    shareBefore: (before[index] ?? 0) / rowsBefore,
    shareAfter: (after[index] ?? 0) / rowsAfter
  }));
}

function rowsIn(counts: readonly number[]): number {
  return Math.max(
    1,
    counts.reduce((total, count) => total + count, 0)
  );
}

function isTime({ type_after: type }: Drift): boolean {
  return type === 'datetime' || type === 'date';
}

function edgeText(drift: Drift, value: number): string {
  const { edges } = drift;
  return isTime(drift)
    ? moment(value, edges[edges.length - 1] - edges[0])
    : number(value);
}

/** Both histograms, small enough for a row. */
export function DriftSparkline({ drift }: { drift: Drift }): JSX.Element | null {
  const { trans } = useView();
  const pairs = pairsOf(drift);
  const pairText = usePairText();
  if (!pairs.length) {
    return null;
  }
  const highest = Math.max(
    1e-9,
    ...pairs.flatMap(pair => [pair.shareBefore, pair.shareAfter])
  );
  return (
    <Sparkline
      label={trans.__('%1 before and after', drift.name)}
      bars={pairs.map(pair => pair.shareAfter / highest)}
      outline={pairs.map(pair => pair.shareBefore / highest)}
      titles={pairs.map(pairText)}
    />
  );
}

/** Both histograms with axes. */
export function DriftChart({ drift }: { drift: Drift }): JSX.Element {
  const { trans } = useView();
  const pairs = useMemo(() => pairsOf(drift), [drift]);
  const pairText = usePairText();
  const options = useCallback<ChartOptions>(
    (plot, width) => ({
      marginLeft: 44,
      marginBottom: 24,
      x: {
        domain: [0, pairs.length],
        label: null,
        ticks: drift.labels.length
          ? []
          : evenly(pairs.length, Math.floor(width / PIXELS_PER_TICK)),
        tickFormat: (index: number) => edgeText(drift, drift.edges[index])
      },
      y: { label: null, ticks: 3, tickFormat: (part: number) => share(part) },
      marks: [
        plot.gridY({ stroke: 'var(--orrery-chart-grid)', strokeOpacity: 1, ticks: 3 }),
        plot.rectY(pairs, {
          x1: (_: IBinPair, index: number) => index,
          x2: (_: IBinPair, index: number) => index + 1,
          y: 'shareAfter',
          fill: 'var(--orrery-chart-bar)',
          insetLeft: 0.5,
          insetRight: 0.5,
          title: pairText,
          tip: 'x'
        }),
        plot.line([...pairs, ...pairs.slice(-1)], {
          x: (_: IBinPair, index: number) => index,
          y: 'shareBefore',
          curve: 'step-after',
          stroke: 'var(--orrery-chart-line)',
          strokeWidth: 1.5
        }),
        plot.ruleY([0], { stroke: 'var(--jp-border-color1)' })
      ]
    }),
    [drift, pairs]
  );
  return (
    <Chart
      trans={trans}
      label={trans.__('%1 before and after', drift.name)}
      description={drift.labels.length ? undefined : pairs.map(pairText).join('; ')}
      height={HEIGHT}
      options={options}
    />
  );
}

/** Indices of edges, evenly apart, at most so many. */
function evenly(last: number, most: number): number[] {
  const step = Math.max(1, Math.ceil(last / Math.max(2, most)));
  return Array.from(
    { length: Math.floor(last / step) + 1 },
    (_, index) => index * step
  );
}

function usePairText(): (pair: IBinPair) => string {
  const { trans } = useView();
  return pair =>
    trans.__(
      '%1\nbefore: %2\nafter: %3',
      pair.label,
      `${whole(pair.before)} (${share(pair.shareBefore)})`,
      `${whole(pair.after)} (${share(pair.shareAfter)})`
    );
}

/** Which is which. */
export function DriftLegend(): JSX.Element {
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
