/**
 * A histogram with axes; a bin says what it holds when the pointer is over it.
 */
import type { PlotOptions } from '@observablehq/plot';
import React, { useCallback } from 'react';

import { Chart, type ChartOptions } from '../../../base/chart/chart';
import type { ChartLibrary } from '../../../base/chart/library';
import type { Histogram, Outliers } from '../../schemas';
import { useView } from '../context';
import { compact, edge, share, whole } from '../format';
import { binsOf, fullest, type IBin } from './bins';

const HEIGHT = 170;
const PIXELS_PER_TICK = 90;
const LARGEST_DATE_SECONDS = 8.64e12;
// Bins of a few rows beside one of millions can still be seen.
const LEAST_SHARE = 0.012;

export interface IHistogramProps {
  histogram: Histogram;
  /** Whether the edges are times, in seconds since 1970. */
  isTime: boolean;
  /** The rows in all. */
  of: number;
  name: string;
  outliers?: Outliers | null;
}

/** The bins of a histogram over a scale of values or times. */
export function HistogramChart(props: IHistogramProps): JSX.Element {
  const { trans } = useView();
  const { histogram, isTime, of, name, outliers } = props;
  const bins = binsOf(histogram);
  const { edges } = histogram;
  const valueText = (value: number): string => edge(value, edges, isTime);
  const rangeText = ({ from, to }: IBin): string =>
    from === to
      ? valueText(from)
      : trans.__('%1 to %2', valueText(from), valueText(to));
  const binText = (bin: IBin): string =>
    trans.__(
      '%1: %2 (%3)',
      rangeText(bin),
      trans
        ._n('%1 row', '%1 rows', bin.count)
        .replace(String(bin.count), whole(bin.count)),
      share(of > 0 ? bin.count / of : 0)
    );
  const options = useCallback<ChartOptions>(
    (plot, width) => histogramPlot(plot, width, { ...props, bins, valueText, binText }),
    [histogram, isTime, of, outliers]
  );
  const highest = fullest(bins);
  return (
    <figure className="orrery-eda-view-chart">
      <Chart
        trans={trans}
        label={trans.__('Histogram of %1', name)}
        height={HEIGHT}
        options={options}
      />
      {highest && (
        <figcaption className="orrery-eda-view-quiet">
          {trans.__(
            'Highest bin: %1 rows, %2',
            compact(highest.count),
            rangeText(highest)
          )}
        </figcaption>
      )}
    </figure>
  );
}

interface IHistogramPlot extends Pick<
  IHistogramProps,
  'histogram' | 'isTime' | 'outliers'
> {
  bins: readonly IBin[];
  valueText: (value: number) => string;
  binText: (bin: IBin) => string;
}

function histogramPlot(
  plot: ChartLibrary,
  width: number,
  { histogram, isTime, outliers, bins, valueText, binText }: IHistogramPlot
): PlotOptions {
  const scale = scaleOf(bins, histogram, isTime);
  const least = Math.max(0, ...bins.map(bin => bin.count)) * LEAST_SHARE;
  const isOutlying = (bin: IBin): boolean =>
    Boolean(
      outliers && (bin.to <= outliers.fence_low || bin.from >= outliers.fence_high)
    );
  return {
    marginLeft: 44,
    marginBottom: 24,
    x: {
      type: scale.type,
      domain: [scale.position(0), scale.position(bins.length)],
      label: null,
      ticks: Math.max(1, Math.min(scale.mostTicks, width / PIXELS_PER_TICK)),
      tickFormat: (position: number | Date) => valueText(scale.value(position))
    },
    y: { label: null, ticks: 3, tickFormat: (count: number) => compact(count) },
    marks: [
      plot.gridY({ stroke: 'var(--orrery-chart-grid)', strokeOpacity: 1, ticks: 3 }),
      plot.rectY(bins, {
        x1: (_: IBin, index: number) => scale.position(index),
        x2: (_: IBin, index: number) => scale.position(index + 1),
        y: ({ count }: IBin) => (count > 0 ? Math.max(count, least) : 0),
        fill: (bin: IBin) =>
          isOutlying(bin) ? 'var(--orrery-chart-minus)' : 'var(--orrery-chart-bar)',
        insetLeft: 0.5,
        insetRight: 0.5,
        title: binText,
        tip: 'x'
      }),
      plot.ruleY([0], { stroke: 'var(--jp-border-color1)' })
    ]
  };
}

interface IScale {
  type: 'linear' | 'utc';
  /** Whole numbers have no ticks between them. */
  mostTicks: number;
  /** Where the edge before a bin is drawn. */
  position(index: number): number | Date;
  /** The value that is drawn at a position. */
  value(position: number | Date): number;
}

/** A scale of the values; of places where values are too far apart, or not apart at all. */
function scaleOf(
  bins: readonly IBin[],
  { whole: isWhole }: Histogram,
  isTime: boolean
): IScale {
  const beside = isWhole ? 0.5 : 0;
  const edges = [
    ...bins.map(bin => bin.from - beside),
    ...bins.slice(-1).map(bin => bin.to + beside)
  ];
  const [first, last] = [edges[0], edges[edges.length - 1]];
  if (!(last > first) || !Number.isFinite(last - first)) {
    return {
      type: 'linear',
      mostTicks: edges.length,
      position: index => index,
      value: position => edges[Math.round(Number(position))] ?? last
    };
  }
  const isDate = [first, last].every(value => Math.abs(value) < LARGEST_DATE_SECONDS);
  return isTime && isDate
    ? {
        type: 'utc',
        mostTicks: Infinity,
        position: index => new Date(edges[index] * 1_000),
        value: position => position.valueOf() / 1_000
      }
    : {
        type: 'linear',
        mostTicks: isWhole ? last - first : Infinity,
        position: index => edges[index],
        value: Number
      };
}
