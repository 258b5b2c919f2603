import { get } from './http';

/** The conversation that a turn belongs to. */
export const sessionOf = async (turn: string) => (await get<{ session_id: string }>(`/api/chat/turns/${encodeURIComponent(turn)}`)).session_id;
