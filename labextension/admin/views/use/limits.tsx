/**
 * When idle servers of each pool are stopped.
 */
import React, { useState } from 'react';

import type { Page } from '../../../src/base/schemas';

import { segment } from '../../api';
import { textColumn } from '../../columns';
import { useAdmin } from '../../context';
import { Button, Select, TextField } from '../../controls';
import { Dialog } from '../../dialog';
import { count } from '../../format';
import { Facts, ListView, type IList } from '../../listview';
import { usePoll } from '../../poll';
import type { Pool, PoolLimit } from '../../schemas';
import type { IColumn } from '../../table/column';

const COLUMNS: readonly IColumn<PoolLimit>[] = [
  textColumn('pool', 'Pool', limit => limit.pool, { width: 'minmax(140px, 1.5fr)' }),
  textColumn('idle', 'Stopped when idle for', limit => minutes(limit.idle_minutes)),
  textColumn('unknown', 'When use is unknown for', limit => unknown(limit)),
  textColumn('extension', 'Put off by', limit => minutes(limit.extension_minutes)),
  textColumn('extensions', 'How often', limit => limit.extensions)
];

const minutes = (number: number) => count(number, 'minute');

function unknown({ unknown_minutes: number }: PoolLimit): string {
  if (number === null) {
    return 'Default of the hub';
  }
  return number === 0 ? 'Never' : minutes(number);
}

export function LimitsView(): JSX.Element {
  const [isAdding, setAdding] = useState(false);
  return (
    <ListView<PoolLimit>
      title="Idle limits"
      noun={['limit', 'limits']}
      path="culling/limits"
      search=""
      sort=""
      columns={COLUMNS}
      idOf={limit => limit.pool}
      empty="No pool has a limit of its own: idle servers that hold devices are stopped by the hub's default, ORRERY_IDLE_DEVICE_MINUTES, and others never."
      actions={(_, list) => (
        <>
          <Button look="accent" onClick={() => setAdding(true)}>
            Set limit…
          </Button>
          {isAdding && (
            <SetLimit onDone={list.refresh} onClose={() => setAdding(false)} />
          )}
        </>
      )}
      details={(limit, list) => <Details key={limit.pool} limit={limit} list={list} />}
    />
  );
}

function Details(props: { limit: PoolLimit; list: IList<PoolLimit> }): JSX.Element {
  const { limit, list } = props;
  const [action, setAction] = useState<'change' | 'remove'>();
  const close = () => setAction(undefined);
  return (
    <>
      <h2>{limit.pool}</h2>
      <Facts
        facts={[
          ['Stopped when idle for', minutes(limit.idle_minutes)],
          ['Stopped when use is unknown for', unknown(limit)],
          ['Put off by', minutes(limit.extension_minutes)],
          ['How often', limit.extensions]
        ]}
      />
      <p className="orrery-quiet">
        The lab says so ten minutes before, with a button that puts it off. A busy
        kernel is never stopped.
      </p>
      <div className="orrery-admin-actions">
        <Button onClick={() => setAction('change')}>Change…</Button>
        <Button look="error" onClick={() => setAction('remove')}>
          Remove…
        </Button>
      </div>
      {action === 'change' && (
        <SetLimit limit={limit} onDone={list.refresh} onClose={close} />
      )}
      {action === 'remove' && (
        <RemoveLimit limit={limit} onDone={list.refresh} onClose={close} />
      )}
    </>
  );
}

/** What is written in the fields, as the whole numbers that the service takes. */
const FIELDS = [
  ['idle_minutes', 'Minutes without use until it is stopped', 15, 43_200],
  ['extension_minutes', 'Minutes that it can be put off by', 1, 1_440],
  ['extensions', 'How often it can be put off', 0, 100]
] as const;
type Name = (typeof FIELDS)[number][0];
const FIRST: Record<Name, number> = {
  idle_minutes: 120,
  extension_minutes: 60,
  extensions: 3
};

/** A whole number in a range; undefined for anything else. */
export function wholeNumber(
  text: string,
  least: number,
  most: number
): number | undefined {
  const number = Number(text.trim());
  const isFit = text.trim() !== '' && Number.isInteger(number);
  return isFit && number >= least && number <= most ? number : undefined;
}

interface IDialogProps {
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function SetLimit(props: IDialogProps & { limit?: PoolLimit }): JSX.Element {
  const { limit } = props;
  const { api, toasts } = useAdmin();
  const pools = usePoll<Page<Pool>>(limit ? undefined : 'pools?limit=200').value?.items;
  const [chosen, setChosen] = useState('');
  const [texts, setTexts] = useState<Partial<Record<Name, string>>>({});
  const pool = limit?.pool ?? (chosen || pools?.[0]?.slug);
  const [unknownText, setUnknownText] = useState(String(limit?.unknown_minutes ?? ''));
  const unknownMinutes = unknownText.trim()
    ? wholeNumber(unknownText, 0, 43_200)
    : null;
  const textOf = (name: Name) => texts[name] ?? String((limit ?? FIRST)[name]);
  const values = FIELDS.map(
    ([name, , least, most]) => [name, wholeNumber(textOf(name), least, most)] as const
  );
  const set = async () => {
    const body = { ...Object.fromEntries(values), unknown_minutes: unknownMinutes };
    const path = `culling/limits/${segment(pool!)}`;
    await api.call<PoolLimit>(path, { method: 'PUT', body });
    toasts.info('Limit saved.');
    props.onDone();
  };
  return (
    <Dialog
      title={limit ? `Idle servers of ${limit.pool}` : 'Idle servers of a pool'}
      accept="Save"
      isReady={
        pool !== undefined &&
        unknownMinutes !== undefined &&
        values.every(([, value]) => value !== undefined)
      }
      onAccept={set}
      onClose={props.onClose}
    >
      {!limit && (
        <Select
          label="Pool"
          value={pool ?? ''}
          options={(pools ?? []).map(({ slug, name }) => [slug, name] as const)}
          onChange={setChosen}
        />
      )}
      {FIELDS.map(([name, label, least, most]) => (
        <TextField
          key={name}
          label={`${label} (${least} to ${most.toLocaleString('en')})`}
          value={textOf(name)}
          required
          onChange={text => setTexts(known => ({ ...known, [name]: text }))}
        />
      ))}
      <TextField
        label="Minutes of unknown use until it is stopped (0: never, empty: default of the hub)"
        value={unknownText}
        onChange={setUnknownText}
      />
    </Dialog>
  );
}

function RemoveLimit(props: IDialogProps & { limit: PoolLimit }): JSX.Element {
  const { limit } = props;
  const { api, toasts } = useAdmin();
  const remove = async () => {
    await api.call(`culling/limits/${segment(limit.pool)}`, { method: 'DELETE' });
    toasts.info('Limit removed.');
    props.onDone();
  };
  return (
    <Dialog
      title={`Remove the limit of ${limit.pool}`}
      accept="Remove"
      isDangerous
      onAccept={remove}
      onClose={props.onClose}
    >
      <p>
        The hub’s default holds: idle servers that hold devices are stopped, others
        never.
      </p>
    </Dialog>
  );
}
