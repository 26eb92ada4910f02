/**
 * The page before a start as a person sees it, with what is withheld from the person.
 */
import React from 'react';

import { useAdmin } from '../../context';
import { Badge, Button, Failure } from '../../controls';
import { findPerson } from '../../fields';
import { useAsked } from '../../poll';
import type { LaunchPreview, ProfileChoice } from '../../schemas';

import { sizeText } from './size';

const MICROS = 1_000_000;

export function PreviewPage({ name }: { name: string }): JSX.Element {
  const { api, router } = useAdmin();
  const asked = useAsked<LaunchPreview>(async signal => {
    const { id } = await findPerson(api, name);
    return api.call<LaunchPreview>(`people/${id}/launch`, { signal });
  }, name);
  const preview = asked.value;
  return (
    <div className="orrery-admin-view">
      <header className="orrery-admin-bar">
        <h1>Preview as {name}</h1>
        <span className="orrery-admin-space" />
        <Button onClick={asked.refresh}>Refresh</Button>
        <Button onClick={() => router.open('profiles')}>Back</Button>
      </header>
      <div className="orrery-admin-page" aria-busy={!preview}>
        {asked.error && <Failure error={asked.error} onRetry={asked.refresh} />}
        {preview && <Preview preview={preview} />}
      </div>
    </div>
  );
}

function Preview({ preview }: { preview: LaunchPreview }): JSX.Element {
  return (
    <>
      {preview.closed && (
        <p className="orrery-admin-preview" data-level="warning">
          {preview.closed}
        </p>
      )}
      {!preview.is_required && (
        <p>
          No profile is declared: {preview.person} starts a server without a choice.
        </p>
      )}
      <h2>What {preview.person} is offered</h2>
      {preview.is_required && preview.profiles.length === 0 && (
        <p>Nothing: the page says that no hardware profile is for {preview.person}.</p>
      )}
      <ul className="orrery-admin-cards">
        {preview.profiles.map(profile => (
          <Card
            key={profile.slug}
            profile={profile}
            isLast={preview.last?.profile === profile.slug}
          />
        ))}
      </ul>
      {preview.images.length > 0 && (
        <p>
          Images: {preview.images.map(({ name, tag }) => `${name} (${tag})`).join(', ')}
        </p>
      )}
      {preview.withheld.length > 0 && <Withheld preview={preview} />}
    </>
  );
}

function Withheld({ preview }: { preview: LaunchPreview }): JSX.Element {
  return (
    <>
      <h2>What {preview.person} is not shown</h2>
      <table className="orrery-admin-plain">
        <thead>
          <tr>
            <th scope="col">Profile</th>
            <th scope="col">Pool</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {preview.withheld.map(profile => (
            <tr key={profile.slug}>
              <th scope="row">{profile.name}</th>
              <td>{profile.pool_name}</td>
              <td>{profile.reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function hardwareOf(profile: ProfileChoice): string {
  const { devices, device_type: type, mig_slice: slice } = profile;
  return [
    devices > 0 && `${devices}× ${type}${slice && ` (${slice})`}`,
    profile.cpu > 0 && `${profile.cpu} CPU`,
    profile.memory_bytes > 0 && `${sizeText(profile.memory_bytes)} memory`,
    profile.is_spot && 'spot'
  ]
    .filter(Boolean)
    .join(' · ');
}

function Card(props: { profile: ProfileChoice; isLast: boolean }): JSX.Element {
  const { profile } = props;
  const { free_devices: free, pool_devices: total, wait } = profile;
  return (
    <li data-disabled={profile.cause !== ''}>
      <p>
        <strong>{profile.name}</strong>{' '}
        {profile.cause ? (
          <Badge level="warning">Disabled</Badge>
        ) : (
          <Badge level="good">Can start</Badge>
        )}{' '}
        {props.isLast && <Badge>Last choice</Badge>}
      </p>
      <p>{hardwareOf(profile)}</p>
      {profile.description && <p className="orrery-quiet">{profile.description}</p>}
      {free !== null && (
        <p>
          {free} of {total} free in {profile.pool_name}
        </p>
      )}
      {profile.price_micros !== null && (
        <p>
          {(profile.price_micros / MICROS).toFixed(2)} {profile.currency} an hour
        </p>
      )}
      {profile.budget_left_micros !== null && (
        <p>
          {(profile.budget_left_micros / MICROS).toFixed(2)} {profile.currency} of the
          budget left
        </p>
      )}
      {profile.cause && (
        <p>
          {profile.reason} {profile.remedy}
        </p>
      )}
      {profile.may_queue && (
        <p className="orrery-quiet">
          May wait for it{wait && `: place ${wait.place}`}.
        </p>
      )}
      {profile.projects.length > 0 && (
        <p className="orrery-quiet">For {profile.projects.join(', ')}</p>
      )}
    </li>
  );
}
