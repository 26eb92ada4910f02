/**
 * What became of each column from the reference to the source.
 */
import {
  caretDownIcon,
  caretRightIcon,
  HTMLSelect,
  InputGroup
} from '@jupyterlab/ui-components';
import React, { useMemo, useRef, useState } from 'react';

import type { Comparison, Drift } from '../schemas';
import { part } from './bins';
import { number, share, shown, whole } from './format';
import { useView } from './hooks';
import { typeIcons } from './icons';
import { LEVELS } from './levels';
import { Rows } from './list';
import { Overlay, OverlayLegend, pairsOf } from './overlay';
import { Datum, Empty, LevelIcon, Loading, Name } from './parts';

const ROW_PX = 44;
type Which = 'all' | 'changed' | Drift['change'];

/** The section with every column of both sides. */
export function Drifts(): JSX.Element {
  const { model, trans } = useView();
  const { comparison } = model;
  if (!comparison) {
    return model.active ? (
      <div className="orrery-eda-view-page" tabIndex={0}>
        <Loading rows={8} />
      </div>
    ) : (
      <Empty title={trans.__('Nothing was compared')} />
    );
  }
  return <Found comparison={comparison} />;
}

function Found({ comparison }: { comparison: Comparison }): JSX.Element {
  const { trans, words } = useView();
  const [q, setQ] = useState('');
  const [which, setWhich] = useState<Which>('all');
  const bar = useRef<HTMLDivElement>(null);
  const generation = useRef(0);
  const drifts = useMemo(() => {
    generation.current++;
    return worstFirst(comparison.drifts).filter(
      one =>
        one.name.toLowerCase().includes(q.toLowerCase()) &&
        (which === 'all' ||
          one.change === which ||
          (which === 'changed' && one.change !== 'same'))
    );
  }, [comparison.drifts, q, which]);
  const options: [Which, string][] = [
    ['all', trans.__('All columns')],
    ['changed', trans.__('Changed only')],
    ...(['drifted', 'added', 'removed', 'type', 'same'] as const).map(
      change => [change, words.changes[change]] as [Which, string]
    )
  ];
  return (
    <>
      <Sums comparison={comparison} />
      <div ref={bar} className="orrery-eda-view-bar">
        <InputGroup
          type="search"
          rightIcon="ui-components:search"
          aria-label={trans.__('Search in column names')}
          placeholder={trans.__('Search columns')}
          value={q}
          onChange={event => setQ(event.currentTarget.value)}
        />
        <HTMLSelect
          aria-label={trans.__('Change')}
          value={which}
          onChange={event => setWhich(event.currentTarget.value as Which)}
        >
          {options.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </HTMLSelect>
        <OverlayLegend />
        <span className="orrery-eda-view-quiet orrery-eda-view-total" role="status">
          {trans.__('%1 of %2', whole(drifts.length), whole(comparison.drifts.length))}
        </span>
      </div>
      {drifts.length ? (
        <Rows
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
          keyOf={place => `${drifts[place].change} ${drifts[place].name} ${place}`}
          nameOf={place => drifts[place].name}
          onSearch={() => bar.current?.querySelector('input')?.focus()}
          draw={(place, row) => <Line drift={drifts[place]} open={row.open} />}
        />
      ) : (
        <Empty
          title={trans.__('No column matches')}
          action={trans.__('Show all')}
          onAction={() => {
            setQ('');
            setWhich('all');
          }}
        />
      )}
    </>
  );
}

/** What changed most comes first; what is alike keeps its order. */
export function worstFirst(drifts: readonly Drift[]): Drift[] {
  const rank = (one: Drift): number =>
    one.change === 'same' ? 3 : LEVELS.indexOf(one.level);
  return drifts
    .map((drift, place) => ({ drift, place }))
    .sort(
      (one, other) =>
        rank(one.drift) - rank(other.drift) ||
        (one.drift.change === 'same'
          ? 0
          : (other.drift.value ?? 1) - (one.drift.value ?? 1)) ||
        one.place - other.place
    )
    .map(({ drift }) => drift);
}

function Sums({ comparison }: { comparison: Comparison }): JSX.Element {
  const { trans } = useView();
  const { rows_before: before, rows_after: after, shared_rows: shared } = comparison;
  const count = (change: Drift['change']): string =>
    whole(comparison.drifts.filter(one => one.change === change).length);
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

function Line({ drift, open }: { drift: Drift; open: boolean }): JSX.Element {
  const { trans, words } = useView();
  const Caret = open ? caretDownIcon : caretRightIcon;
  const type = drift.type_after ?? drift.type_before;
  const Type = type ? typeIcons[type] : null;
  return (
    <>
      <div className="orrery-eda-view-line">
        <div role="gridcell" className="orrery-eda-view-cell-name">
          <Caret.react tag="span" className="orrery-eda-view-icon" />
          {Type && type && (
            <span
              className="orrery-eda-view-type"
              role="img"
              aria-label={words.types[type]}
              title={words.types[type]}
            >
              <Type.react tag="span" className="orrery-eda-view-icon" />
            </span>
          )}
          <span className="orrery-eda-view-name" title={drift.name}>
            <Name name={drift.name} />
          </span>
        </div>
        <div role="gridcell" className="orrery-eda-view-cell-spark">
          <Overlay drift={drift} />
        </div>
        <div role="gridcell" className="orrery-eda-view-cell-change">
          {drift.change === 'same' ? (
            <span className="orrery-eda-view-quiet">{words.changes.same}</span>
          ) : (
            <span className="orrery-eda-view-badge" data-level={drift.level}>
              <LevelIcon level={drift.level} />
              {words.changes[drift.change]}
            </span>
          )}
          {drift.change === 'type' && drift.type_before && drift.type_after && (
            <span className="orrery-eda-view-quiet">
              {trans.__(
                '%1 → %2',
                words.types[drift.type_before],
                words.types[drift.type_after]
              )}
            </span>
          )}
        </div>
        <div
          role="gridcell"
          className="orrery-eda-view-cell-drift"
          title={words.drifts[drift.measure]}
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
          <More drift={drift} />
        </div>
      )}
    </>
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

function More({ drift }: { drift: Drift }): JSX.Element {
  const { trans, words } = useView();
  const facts: [string, number | null, number | null, (value: number) => string][] = [
    [trans.__('Missing'), drift.missing_before, drift.missing_after, share],
    [trans.__('Mean'), drift.mean_before, drift.mean_after, number],
    [trans.__('Distinct'), drift.distinct_before, drift.distinct_after, whole]
  ];
  return (
    <div className="orrery-eda-view-details">
      {drift.note && <p className="orrery-eda-view-note">{drift.note}</p>}
      <div className="orrery-eda-view-details-parts">
        {pairsOf(drift).length > 0 && (
          <div className="orrery-eda-view-details-chart">
            <Overlay drift={drift} large />
            {drift.edges.length > 1 && !drift.labels.length && (
              <div className="orrery-eda-view-axis" aria-hidden>
                <span>{pairsOf(drift)[0].label.split(' – ')[0]}</span>
                <span>{pairsOf(drift).slice(-1)[0].label.split(' – ')[1]}</span>
              </div>
            )}
            <OverlayLegend />
          </div>
        )}
        <div className="orrery-eda-view-facts">
          <h3 className="orrery-eda-view-minor">{trans.__('Before and after')}</h3>
          <dl>
            {drift.measure !== 'none' && drift.value !== null && (
              <div>
                <dt>{words.drifts[drift.measure]}</dt>
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
        {drift.labels.length > 0 && <Named drift={drift} />}
        {drift.fresh.length > 0 && (
          <div className="orrery-eda-view-facts">
            <h3 className="orrery-eda-view-minor">{trans.__('New values')}</h3>
            <p className="orrery-eda-view-names">
              {drift.fresh.map((value, place) => (
                <span key={place} className="orrery-eda-view-chip" title={value}>
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

function Named({ drift }: { drift: Drift }): JSX.Element {
  const { trans } = useView();
  return (
    <div className="orrery-eda-view-frequent">
      <h3 className="orrery-eda-view-minor">{trans.__('Values')}</h3>
      <table className="orrery-eda-view-named">
        <thead>
          <tr>
            <th scope="col">{trans.__('Value')}</th>
            <th scope="col">{trans.__('Before')}</th>
            <th scope="col">{trans.__('After')}</th>
          </tr>
        </thead>
        <tbody>
          {pairsOf(drift).map((one, place) => (
            <tr key={place}>
              <th scope="row" title={one.label}>
                <Datum text={shown(one.label)} />
              </th>
              <td title={whole(one.before)}>{share(part(one.shareBefore, 1))}</td>
              <td title={whole(one.after)}>{share(part(one.shareAfter, 1))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
