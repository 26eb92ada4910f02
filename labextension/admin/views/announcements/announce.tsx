/**
 * Writing an announcement, with what people will see of it.
 */
import React, { useState } from 'react';

import { useAdmin } from '../../context';
import { LongTextField, Select } from '../../controls';
import { Dialog } from '../../dialog';
import { CheckField, MomentField } from '../../fields';
import type { Announcement, Level, Place } from '../../schemas';

export const PLACES: readonly (readonly [Place, string])[] = [
  ['login', 'Log-in page'],
  ['spawn', 'Pages of the hub'],
  ['lab', 'Labs']
];
const LEVELS: readonly (readonly [Level, string])[] = [
  ['info', 'Information'],
  ['warning', 'Warning']
];

export function AnnounceDialog(props: {
  announcement: Announcement | undefined;
  onDone: () => void;
  onClose: () => void;
}): JSX.Element {
  const { announcement } = props;
  const { api, toasts } = useAdmin();
  const [text, setText] = useState(announcement?.text ?? '');
  const [level, setLevel] = useState<Level>(announcement?.level ?? 'info');
  const [places, setPlaces] = useState<readonly Place[]>(
    announcement?.places ?? ['login']
  );
  const [starts, setStarts] = useState(announcement?.starts ?? null);
  const [ends, setEnds] = useState(announcement?.ends ?? null);
  const save = async () => {
    const path = announcement ? `/${announcement.id}` : '';
    await api.call(`admin/announcements${path}`, {
      method: announcement ? 'PUT' : 'POST',
      body: { text, level, places, starts, ends }
    });
    toasts.info('Announcement published.');
    props.onDone();
  };
  return (
    <Dialog
      title={announcement ? 'Edit Announcement' : 'New Announcement'}
      accept={announcement ? 'Save' : 'Publish'}
      isReady={text.trim() !== '' && places.length > 0}
      onAccept={save}
      onClose={props.onClose}
    >
      <LongTextField label="Text" value={text} onChange={setText} />
      {text.trim() && (
        <p className="orrery-admin-preview" data-level={level}>
          {text}
        </p>
      )}
      <p>
        <Select label="Level" value={level} options={LEVELS} onChange={setLevel} />
      </p>
      <PlacesField places={places} onChange={setPlaces} />
      <MomentField label="From" value={starts} onChange={setStarts} />
      <MomentField label="To" value={ends} onChange={setEnds} />
    </Dialog>
  );
}

function PlacesField(props: {
  places: readonly Place[];
  onChange: (places: readonly Place[]) => void;
}): JSX.Element {
  const { places } = props;
  return (
    <>
      <fieldset className="orrery-admin-choice">
        <legend>Where</legend>
        {PLACES.map(([place, label]) => (
          <CheckField
            key={place}
            label={label}
            value={places.includes(place)}
            onChange={isChosen =>
              props.onChange([
                ...places.filter(other => other !== place),
                ...(isChosen ? [place] : [])
              ])
            }
          />
        ))}
      </fieldset>
      <p className="orrery-quiet">
        Whoever reaches the hub can read what its log-in page and its other pages say.
      </p>
    </>
  );
}
