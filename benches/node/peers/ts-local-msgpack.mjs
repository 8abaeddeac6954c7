import { named } from './ours.mjs';

export const { connect } = named('msgpack');
