/**
 * How often each cause occurred, of what the list is narrowed to; a button narrows it to one.
 */
import React from 'react';

import type { Page } from '../../../src/base/schemas';

import { parametersOf } from '../../api';
import { useAdmin } from '../../context';
import { Button } from '../../controls';
import type { IList } from '../../listview';
import { usePoll } from '../../poll';
import type { CauseCount, Failure } from '../../schemas';

import { CAUSES } from './words';

const SHOWN = 8;
/** What orders the list, and the cause itself, say nothing of the counts. */
const NOT_OF_COUNTS = new Set(['kind', 'sort', 'descending']);

export function Causes(props: {
  readonly query: IList<Failure>['query'];
}): JSX.Element | null {
  const { router } = useAdmin();
  const { kind } = props.query;
  const query = Object.fromEntries(
    Object.entries(props.query).filter(([name]) => !NOT_OF_COUNTS.has(name))
  );
  const path = `failures/causes${parametersOf({ ...query, limit: SHOWN })}`;
  const counts = usePoll<Page<CauseCount>>(path).value?.items ?? [];
  if (counts.length === 0) {
    return null;
  }
  return (
    <section className="orrery-admin-causes" aria-label="Causes">
      {counts.map(count => {
        const isChosen = count.kind === kind;
        return (
          <Button
            key={count.kind}
            look={isChosen ? 'accent' : undefined}
            label={`${CAUSES[count.kind]}: ${count.failures}, of ${count.people} people`}
            onClick={() => router.narrow({ kind: isChosen ? '' : count.kind })}
          >
            {CAUSES[count.kind]} {count.failures.toLocaleString('en')}
          </Button>
        );
      })}
    </section>
  );
}
