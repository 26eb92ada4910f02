/**
 * How the values of a column lie, as small as a line of text.
 */
import React, { memo } from 'react';

import { Sparkline } from '../../../base/chart/sparkline';
import type { ColumnProfile, Histogram, Top } from '../../schemas';
import { useView } from '../context';
import { edge, share, shown, whole } from '../format';
import { binsOf, fullest, isNumber, isTime, part, present, showsValues } from './bins';

const MOST_BARS = 40;
const MOST_VALUES = 2;

/** A histogram for what can be ordered, the most frequent values for the rest. */
export const ColumnSparkline = memo(function ColumnSparkline({
  column
}: {
  column: ColumnProfile;
}): JSX.Element | null {
  const { trans } = useView();
  const { histogram, top } = column;
  const measured = isNumber(column) || isTime(column) || !top.length;
  if (column.type === 'boolean' && column.trues !== null) {
    return <TrueShare trues={column.trues} of={present(column)} />;
  }
  if (histogram?.counts.length && measured) {
    return <Bars histogram={histogram} isTime={isTime(column)} />;
  }
  if (showsValues(column)) {
    return <Values top={top} distinct={column.distinct} of={present(column)} />;
  }
  const lengths = column.text?.lengths;
  if (lengths?.counts.length) {
    return <Bars histogram={lengths} isTime={false} of={trans.__('lengths')} />;
  }
  return top.length ? (
    <span className="orrery-eda-view-quiet">{trans.__('All different')}</span>
  ) : null;
});

function Bars(props: {
  histogram: Histogram;
  isTime: boolean;
  of?: string;
}): JSX.Element {
  const { trans } = useView();
  const { histogram, isTime, of } = props;
  const bins = binsOf(histogram, MOST_BARS);
  const { edges } = histogram;
  const high = fullest(bins)!;
  const at = (value: number): string => edge(value, edges, isTime);
  const label = trans.__(
    'Histogram of %1 from %2 to %3; most, %4, lie from %5 to %6',
    of ?? trans.__('values'),
    at(bins[0].from),
    at(bins[bins.length - 1].to),
    whole(high.count),
    at(high.from),
    at(high.to)
  );
  return <Sparkline label={label} bars={bins.map(bin => bin.height)} />;
}

function Values(props: {
  top: readonly Top[];
  distinct: number | null;
  of: number;
}): JSX.Element {
  const { trans } = useView();
  const first = props.top.slice(0, MOST_VALUES);
  const others = (props.distinct ?? props.top.length) - first.length;
  return (
    <span className="orrery-eda-view-values">
      {first.map(({ value, count }, place) => (
        <span key={place} className="orrery-eda-view-value">
          <span
            className="orrery-eda-view-value-bar"
            style={{ inlineSize: `${part(count, props.of) * 100}%` }}
          />
          <bdi>{shown(value)}</bdi>
          <span className="orrery-eda-view-number">{share(part(count, props.of))}</span>
        </span>
      ))}
      {others > 0 && (
        <span className="orrery-hidden">
          {trans._n('and %1 other value', 'and %1 other values', others)}
        </span>
      )}
    </span>
  );
}

function TrueShare({ trues, of }: { trues: number; of: number }): JSX.Element {
  const { trans } = useView();
  const truth = part(trues, of);
  const label = trans.__(
    'true in %1, false in %2',
    share(truth),
    share(of > 0 ? 1 - truth : 0)
  );
  return (
    <span
      className="orrery-eda-view-halves"
      role="img"
      aria-label={label}
      title={label}
    >
      <span style={{ inlineSize: `${truth * 100}%` }} />
      <span>{trans.__('true %1', share(truth))}</span>
    </span>
  );
}
