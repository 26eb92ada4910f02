/**
 * An action on the rows that are chosen: a dry run first, which the view of jobs shows.
 */
import React, { useState } from 'react';

import { useAdmin } from './context';
import { Button, TextField } from './controls';
import { Dialog } from './dialog';
import { count } from './format';
import type { Job } from './schemas';

export function BulkButton(props: {
  readonly action: string;
  readonly label: string;
  readonly targets: readonly string[];
  readonly noun: readonly [string, string];
  /** What the action needs beside the objects: the name, and its label. */
  readonly argument?: readonly [string, string];
  readonly onStart: () => void;
}): JSX.Element {
  const { targets, argument } = props;
  const { api, router } = useAdmin();
  const [isOpen, setOpen] = useState(false);
  const [value, setValue] = useState('');
  const start = async () => {
    const job = await api.call<Job>('admin/jobs', {
      method: 'POST',
      body: {
        action: props.action,
        targets,
        arguments: argument ? { [argument[0]]: value.trim() } : {},
        is_dry_run: true
      }
    });
    props.onStart();
    router.open('jobs', { job: String(job.id) });
  };
  return (
    <>
      <Button disabled={targets.length === 0} onClick={() => setOpen(true)}>
        {props.label}
      </Button>
      {isOpen && (
        <Dialog
          title={`${props.label.replace('…', '')}: ${count(targets.length, ...props.noun)}`}
          accept="Dry Run"
          isReady={!argument || value.trim() !== ''}
          onAccept={start}
          onClose={() => setOpen(false)}
        >
          <p>
            It is tried first and changes nothing. Then you see what would be done to
            each, and do it from there.
          </p>
          {argument && (
            <TextField label={argument[1]} required value={value} onChange={setValue} />
          )}
        </Dialog>
      )}
    </>
  );
}
