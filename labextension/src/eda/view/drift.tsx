/**
 * What became of each column from the reference to the source.
 */
import { caretDownIcon, caretRightIcon, HTMLSelect } from '@jupyterlab/ui-components';
import React, { useMemo, useRef, useState } from 'react';

import type { Comparison, Drift } from '../schemas';
import { part } from './charts/bins';
import { number, share, shown, whole } from './format';
import { useView } from './context';
import { typeIcons } from './icons';
import { LEVELS } from './severity';
import { TreeGrid } from './treegrid';
import { DriftChart, DriftLegend, DriftSparkline, pairsOf } from './charts/drift';
import { Datum, Empty, LevelIcon, LoadingPage, Name, SearchField } from './components';

const ROW_PX = 44;
type ChangeFilter = 'all' | 'changed' | Drift['change'];

/** The section with every column of both sides. */
export function Drifts(): JSX.Element {
  const { model, trans } = useView();
  const { comparison } = model;
  if (!comparison) {
    return model.active ? (
      <LoadingPage rows={8} />
    ) : (
      <Empty title={trans.__('Nothing was compared')} />
    );
  }
  return <DriftList comparison={comparison} />;
}

function DriftList({ comparison }: { comparison: Comparison }): JSX.Element {
  const { trans } = useView();
  const [q, setQ] = useState('');
  const [change, setChange] = useState<ChangeFilter>('all');
  const bar = useRef<HTMLDivElement>(null);
  const generation = useRef(0);
  const drifts = useMemo(() => {
    generation.current++;
    return worstFirst(comparison.drifts).filter(drift => matches(drift, q, change));
  }, [comparison.drifts, q, change]);
  return (
    <>
      <Sums comparison={comparison} />
      <div ref={bar} className="orrery-eda-view-bar">
        <DriftFilters q={q} change={change} onSearch={setQ} onChange={setChange} />
        <DriftLegend />
        <span className="orrery-eda-view-quiet orrery-eda-view-total" role="status">
          {trans.__('%1 of %2', whole(drifts.length), whole(comparison.drifts.length))}
        </span>
      </div>
      {drifts.length ? (
        <TreeGrid
          className="orrery-mod-drift"
          count={drifts.length}
          generation={generation.current}
          label={trans.__('Columns')}
          headers={[
            trans.__('Column'),
            trans.__('Before and after'),
            trans.__('Change'),
            trans.__('Drift'),
            trans.__('Missing')
          ]}
          height={ROW_PX}
          keyOf={index => `${drifts[index].change} ${drifts[index].name} ${index}`}
          nameOf={index => drifts[index].name}
          onSearch={() => bar.current?.querySelector('input')?.focus()}
          draw={(index, row) => <DriftRow drift={drifts[index]} open={row.open} />}
        />
      ) : (
        <Empty
          title={trans.__('No column matches')}
          action={trans.__('Show all')}
          onAction={() => {
            setQ('');
            setChange('all');
          }}
        />
      )}
    </>
  );
}

function matches(drift: Drift, q: string, change: ChangeFilter): boolean {
  return (
    drift.name.toLowerCase().includes(q.toLowerCase()) &&
    (change === 'all' ||
      drift.change === change ||
      (change === 'changed' && drift.change !== 'same'))
  );
}

function DriftFilters(props: {
  q: string;
  change: ChangeFilter;
  onSearch: (q: string) => void;
  onChange: (change: ChangeFilter) => void;
}): JSX.Element {
  const { trans, labels } = useView();
  const options: [ChangeFilter, string][] = [
    ['all', trans.__('All columns')],
    ['changed', trans.__('Changed only')],
    ...(['drifted', 'added', 'removed', 'type', 'unread', 'same'] as const).map(
      change => [change, labels.changes[change]] as [ChangeFilter, string]
    )
  ];
  return (
    <>
      <SearchField
        label={trans.__('Search in column names')}
        placeholder={trans.__('Search columns')}
        value={props.q}
        onChange={props.onSearch}
      />
      <HTMLSelect
        aria-label={trans.__('Change')}
        value={props.change}
        onChange={event => props.onChange(event.currentTarget.value as ChangeFilter)}
      >
        {options.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </HTMLSelect>
    </>
  );
}

/** What changed most comes first; what is alike keeps its order. */
export function worstFirst(drifts: readonly Drift[]): Drift[] {
  const rank = ({ change, level }: Drift): number =>
    change === 'same' ? 3 : LEVELS.indexOf(level);
  // Sorting is stable.
  return [...drifts].sort(
    (a, b) =>
      rank(a) - rank(b) || (a.change === 'same' ? 0 : (b.value ?? 1) - (a.value ?? 1))
  );
}

function Sums({ comparison }: { comparison: Comparison }): JSX.Element {
  const { trans } = useView();
  const { rows_before: before, rows_after: after, shared_rows: shared } = comparison;
  const count = (change: Drift['change']): string =>
    whole(comparison.drifts.filter(drift => drift.change === change).length);
  const rows = (value: number | null): string =>
    value === null ? trans.__('not counted') : whole(value);
  const figures: [string, string][] = [
    [trans.__('Rows before'), rows(before)],
    [trans.__('Rows after'), rows(after)],
    ...(shared === null
      ? []
      : [[trans.__('Rows in both'), whole(shared)] as [string, string]]),
    [trans.__('Drifted'), count('drifted')],
    [trans.__('Added'), count('added')],
    [trans.__('Removed'), count('removed')],
    [trans.__('Other type'), count('type')]
  ];
  return (
    <dl className="orrery-eda-view-figures orrery-mod-bar">
      {figures.map(([label, text]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function DriftRow({ drift, open }: { drift: Drift; open: boolean }): JSX.Element {
  const { labels } = useView();
  return (
    <>
      <div className="orrery-eda-view-line">
        <DriftName drift={drift} open={open} />
        <div role="gridcell" className="orrery-eda-view-cell-spark">
          <DriftSparkline drift={drift} />
        </div>
        <DriftChange drift={drift} />
        <div
          role="gridcell"
          className="orrery-eda-view-cell-drift"
          title={labels.drifts[drift.measure]}
        >
          {drift.value !== null && (
            <span className="orrery-eda-view-number">{number(drift.value)}</span>
          )}
        </div>
        <div role="gridcell" className="orrery-eda-view-cell-missing">
          <Change
            before={drift.missing_before}
            after={drift.missing_after}
            write={share}
          />
        </div>
      </div>
      {open && (
        <div role="gridcell" className="orrery-eda-view-below">
          <DriftDetails drift={drift} />
        </div>
      )}
    </>
  );
}

function DriftName({ drift, open }: { drift: Drift; open: boolean }): JSX.Element {
  const { labels } = useView();
  const Caret = open ? caretDownIcon : caretRightIcon;
  const type = drift.type_after ?? drift.type_before;
  const Type = type ? typeIcons[type] : null;
  return (
    <div role="gridcell" className="orrery-eda-view-cell-name">
      <Caret.react tag="span" className="orrery-eda-view-icon" />
      {Type && type && (
        <span
          className="orrery-eda-view-type"
          role="img"
          aria-label={labels.types[type]}
          title={labels.types[type]}
        >
          <Type.react tag="span" className="orrery-eda-view-icon" />
        </span>
      )}
      <span className="orrery-eda-view-name" title={drift.name}>
        <Name name={drift.name} />
      </span>
    </div>
  );
}

function DriftChange({ drift }: { drift: Drift }): JSX.Element {
  const { trans, labels } = useView();
  const { change, level, type_before: before, type_after: after } = drift;
  return (
    <div role="gridcell" className="orrery-eda-view-cell-change">
      {change === 'same' ? (
        <span className="orrery-eda-view-quiet">{labels.changes.same}</span>
      ) : (
        <span className="orrery-eda-view-badge" data-level={level}>
          <LevelIcon level={level} />
          {labels.changes[change]}
        </span>
      )}
      {change === 'type' && before && after && (
        <span className="orrery-eda-view-quiet">
          {trans.__('%1 → %2', labels.types[before], labels.types[after])}
        </span>
      )}
    </div>
  );
}

/** A number before and after; one number if it stayed. */
function Change(props: {
  before: number | null;
  after: number | null;
  write: (value: number) => string;
}): JSX.Element {
  const { trans } = useView();
  const { before, after, write } = props;
  const say = (value: number | null): string => (value === null ? '–' : write(value));
  return (
    <span className="orrery-eda-view-number">
      {say(before) === say(after)
        ? say(after)
        : trans.__('%1 → %2', say(before), say(after))}
    </span>
  );
}

function DriftDetails({ drift }: { drift: Drift }): JSX.Element {
  const { trans } = useView();
  return (
    <div className="orrery-eda-view-details">
      {drift.note && <p className="orrery-eda-view-note">{drift.note}</p>}
      <div className="orrery-eda-view-details-parts">
        {pairsOf(drift).length > 0 && (
          <div className="orrery-eda-view-details-chart">
            <DriftChart drift={drift} />
            <DriftLegend />
          </div>
        )}
        <DriftFacts drift={drift} />
        {drift.labels.length > 0 && <DriftValues drift={drift} />}
        {drift.fresh.length > 0 && (
          <div className="orrery-eda-view-facts">
            <h3 className="orrery-eda-view-minor">{trans.__('New values')}</h3>
            <p className="orrery-eda-view-names">
              {drift.fresh.map((value, index) => (
                <span key={index} className="orrery-eda-view-chip" title={value}>
                  <Datum text={shown(value)} />
                </span>
              ))}
            </p>
          </div>
        )}
      </div>
    </div>
  );
}

function DriftFacts({ drift }: { drift: Drift }): JSX.Element {
  const { trans, labels } = useView();
  const facts: [string, number | null, number | null, (value: number) => string][] = [
    [trans.__('Missing'), drift.missing_before, drift.missing_after, share],
    [trans.__('Mean'), drift.mean_before, drift.mean_after, number],
    [trans.__('Distinct'), drift.distinct_before, drift.distinct_after, whole]
  ];
  return (
    <div className="orrery-eda-view-facts">
      <h3 className="orrery-eda-view-minor">{trans.__('Before and after')}</h3>
      <dl>
        {drift.measure !== 'none' && drift.value !== null && (
          <div>
            <dt>{labels.drifts[drift.measure]}</dt>
            <dd>{number(drift.value)}</dd>
          </div>
        )}
        {facts
          .filter(([, before, after]) => before !== null || after !== null)
          .map(([label, before, after, write]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                <Change before={before} after={after} write={write} />
              </dd>
            </div>
          ))}
      </dl>
    </div>
  );
}

function DriftValues({ drift }: { drift: Drift }): JSX.Element {
  const { trans } = useView();
  return (
    <div className="orrery-eda-view-frequent">
      <h3 className="orrery-eda-view-minor">{trans.__('Values')}</h3>
      <table className="orrery-eda-view-drift-values">
        <thead>
          <tr>
            <th scope="col">{trans.__('Value')}</th>
            <th scope="col">{trans.__('Before')}</th>
            <th scope="col">{trans.__('After')}</th>
          </tr>
        </thead>
        <tbody>
          {pairsOf(drift).map((pair, index) => (
            <tr key={index}>
              <th scope="row" title={pair.label}>
                <Datum text={shown(pair.label)} />
              </th>
              <td title={whole(pair.before)}>{share(part(pair.shareBefore, 1))}</td>
              <td title={whole(pair.after)}>{share(part(pair.shareAfter, 1))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
