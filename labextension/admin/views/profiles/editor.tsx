/**
 * The editor of a hardware profile: every field that a profile has.
 */
import React from 'react';

import type { Page } from '../../../src/base/schemas';

import { useAdmin } from '../../context';
import { Failure } from '../../controls';
import { Editor } from '../../form/editor';
import { usePoll } from '../../poll';
import type { Image, Pool, Profile, ProfileIn, ProfileSpec } from '../../schemas';

import { ProfileFields } from './fields';
import { NEW } from './new';

const SPEC: ProfileSpec = {
  cpu: 1,
  cpu_limit: null,
  memory_bytes: 4 * (1 << 30),
  memory_limit_bytes: null,
  storage_bytes: null,
  storage_limit_bytes: null,
  node_selector: {},
  node_affinity: [],
  tolerations: [],
  runtime_class: '',
  priority_class: '',
  queue_priority: '',
  image_pull_policy: '',
  environment: {},
  secrets: [],
  mounts: [],
  datasets: [],
  startup_script: '',
  images: [],
  default_image: '',
  start_timeout_seconds: 300,
  max_seconds: null,
  may_set_environment: true,
  may_set_startup_script: true
};

/** What the service is sent of a profile that it has. */
export function requestOf(profile: Profile): ProfileIn {
  const { slug, name, description, pool, devices, spec, position } = profile;
  const { is_spot, is_hidden } = profile;
  return { slug, name, description, pool, devices, is_spot, is_hidden, position, spec };
}

/** What the form starts with: a profile, a copy of one, or nothing much. */
function initialOf(
  profile: Profile | undefined,
  isNew: boolean,
  pools: readonly Pool[]
): ProfileIn {
  if (!profile) {
    return { slug: '', name: '', pool: pools[0]?.slug ?? '', spec: SPEC };
  }
  const request = requestOf(profile);
  return isNew
    ? { ...request, slug: `${request.slug}-copy`, name: `${request.name} (copy)` }
    : request;
}

export function ProfileEditor(props: {
  readonly slug: string;
  readonly from: string | undefined;
}): JSX.Element {
  const { api, router, toasts } = useAdmin();
  const isNew = props.slug === NEW;
  const source = isNew ? props.from : props.slug;
  const pools = usePoll<Page<Pool>>('pools?limit=200');
  const images = usePoll<Page<Image>>('images?limit=200');
  const profile = usePoll<Profile>(source && `profiles/${source}`);
  const error = pools.error ?? images.error ?? profile.error;
  if (error) {
    return <Failure error={error} onRetry={() => router.open('profiles')} />;
  }
  if (!pools.value || !images.value || (source && !profile.value)) {
    return <p className="orrery-admin-message orrery-quiet">Loading…</p>;
  }
  const save = async (body: ProfileIn) => {
    const path = isNew ? 'profiles' : `profiles/${props.slug}`;
    await api.call<Profile>(path, { method: isNew ? 'POST' : 'PUT', body });
    toasts.info(`${body.name} is saved. Servers that run keep what they have.`);
  };
  const isDeclared = !isNew && profile.value?.is_declared;
  return (
    <Editor<ProfileIn>
      title={isNew ? 'New profile' : (profile.value?.name ?? '')}
      initial={initialOf(profile.value, isNew, pools.value.items)}
      readOnly={
        isDeclared ? 'It is declared in pools.yaml, and changed there.' : undefined
      }
      onSave={save}
      onClose={() => router.open('profiles')}
    >
      {() => (
        <ProfileFields
          pools={pools.value?.items ?? []}
          images={images.value?.items ?? []}
        />
      )}
    </Editor>
  );
}
