/**
 * Hardware profiles: the list, the editor, and the page before a start as a person sees it.
 */
import React, { useState } from 'react';

import { useAct } from '../../act';
import { None, slugColumn, textColumn } from '../../columns';
import { useAdmin } from '../../context';
import { Badge, Button } from '../../controls';
import { Dialog } from '../../dialog';
import { PersonField } from '../../fields';
import { Facts, ListView, type IList } from '../../listview';
import type { Profile } from '../../schemas';
import { useStore } from '../../store';
import type { IColumn } from '../../table/column';

import { ProfileEditor, requestOf } from './editor';
import { NEW } from './new';
import { PreviewPage } from './preview';
import { sizeText } from './size';

const COLUMNS: readonly IColumn<Profile>[] = [
  textColumn('name', 'Name', profile => profile.name, {
    width: 'minmax(140px, 2fr)',
    isSortable: true
  }),
  slugColumn('slug', 'Short name', profile => profile.slug),
  slugColumn('pool', 'Pool', profile => profile.pool),
  textColumn('devices', 'Devices', profile => profile.devices || null, {
    width: '80px'
  }),
  textColumn('cpu', 'Cores', profile => profile.spec.cpu || null, { width: '80px' }),
  {
    id: 'memory',
    title: 'Memory',
    width: '100px',
    cell: ({ spec }) => (spec.memory_bytes ? sizeText(spec.memory_bytes) : <None />)
  },
  {
    id: 'state',
    title: 'State',
    width: 'minmax(110px, 1fr)',
    cell: profile => <State profile={profile} />
  }
];

function State({ profile }: { profile: Profile }): JSX.Element {
  return (
    <>
      {profile.is_hidden ? <Badge>Hidden</Badge> : <Badge level="good">Offered</Badge>}{' '}
      {profile.is_spot && <Badge>Spot</Badge>}
    </>
  );
}

export function ProfilesView(): JSX.Element {
  const { router } = useAdmin();
  const { params } = useStore(router.route);
  if (params.edit) {
    return <ProfileEditor key={params.edit} slug={params.edit} from={params.from} />;
  }
  return params.as ? <PreviewPage name={params.as} /> : <ProfileList />;
}

function ProfileList(): JSX.Element {
  const { router } = useAdmin();
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <ListView<Profile>
        title="Profiles"
        noun={['profile', 'profiles']}
        path="profiles"
        search="Search profiles by name"
        sort="position"
        columns={COLUMNS}
        idOf={profile => profile.slug}
        empty="No profile is declared: every server starts without a choice of hardware."
        actions={() => (
          <>
            <Button
              look="accent"
              onClick={() => router.open('profiles', { edit: NEW })}
            >
              New Profile…
            </Button>
            <Button onClick={() => setAsking(true)}>Preview As…</Button>
          </>
        )}
        details={(profile, list) => (
          <Details key={profile.slug} profile={profile} list={list} />
        )}
      />
      {isAsking && <AskDialog onClose={() => setAsking(false)} />}
    </>
  );
}

function AskDialog(props: { onClose: () => void }): JSX.Element {
  const { router } = useAdmin();
  const [name, setName] = useState('');
  return (
    <Dialog
      title="The page before a start, as a person sees it"
      accept="Preview"
      isReady={name.trim() !== ''}
      onAccept={() => Promise.resolve(router.open('profiles', { as: name.trim() }))}
      onClose={props.onClose}
    >
      <PersonField label="Person" value={name} onChange={setName} />
    </Dialog>
  );
}

function Details(props: { profile: Profile; list: IList<Profile> }): JSX.Element {
  const { profile, list } = props;
  const { spec } = profile;
  return (
    <>
      <h2>{profile.name}</h2>
      <p className="orrery-admin-prose">{profile.description}</p>
      <Facts
        facts={[
          ['State', <State key="state" profile={profile} />],
          ['Short name', <code key="slug">{profile.slug}</code>],
          ['Pool', <code key="pool">{profile.pool}</code>],
          ['Devices', profile.devices || 'None'],
          ['Cores', spec.cpu || 'As many as there are'],
          ['Memory', spec.memory_bytes ? sizeText(spec.memory_bytes) : 'Any'],
          ['Images', spec.images.join(', ') || 'All of the catalogue'],
          ['Variables', Object.keys(spec.environment).join(', ') || 'None'],
          ['Mounts', spec.mounts.map(({ name }) => name).join(', ') || 'None'],
          ['Datasets', spec.datasets.map(({ name }) => name).join(', ') || 'None'],
          ['Start within', `${spec.start_timeout_seconds} s`]
        ]}
      />
      <ProfileButtons profile={profile} list={list} />
    </>
  );
}

function ProfileButtons(props: {
  profile: Profile;
  list: IList<Profile>;
}): JSX.Element {
  const { profile, list } = props;
  const { api, router } = useAdmin();
  const act = useAct();
  const [isDeleting, setDeleting] = useState(false);
  const path = `profiles/${profile.slug}`;
  const hide = async () => {
    const body = { ...requestOf(profile), is_hidden: !profile.is_hidden };
    list.replace(await api.call<Profile>(path, { method: 'PUT', body }));
    return `${profile.name} is ${body.is_hidden ? 'hidden' : 'offered'}.`;
  };
  const remove = async () => {
    await api.call(path, { method: 'DELETE' });
    list.refresh();
  };
  return (
    <>
      {profile.is_declared && (
        <p className="orrery-quiet">It is declared in pools.yaml, and changed there.</p>
      )}
      <div className="orrery-admin-actions">
        <Button onClick={() => router.open('profiles', { edit: profile.slug })}>
          {profile.is_declared ? 'Show All' : 'Edit…'}
        </Button>
        <Button
          onClick={() => router.open('profiles', { edit: NEW, from: profile.slug })}
        >
          Duplicate…
        </Button>
        {!profile.is_declared && (
          <>
            <Button onClick={() => act(hide)}>
              {profile.is_hidden ? 'Offer' : 'Hide'}
            </Button>
            <Button look="error" onClick={() => setDeleting(true)}>
              Delete…
            </Button>
          </>
        )}
      </div>
      {isDeleting && (
        <Dialog
          title={`Delete ${profile.name}`}
          accept="Delete"
          isDangerous
          onAccept={remove}
          onClose={() => setDeleting(false)}
        >
          <p>Nobody can start it any more. Servers that run with it go on.</p>
        </Dialog>
      )}
    </>
  );
}
