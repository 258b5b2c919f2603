import { span } from '../../ui/time';

export const count = (n: number) => n.toLocaleString();
export const cost = (usd: number | null) => usd === null ? '–' : `$${usd.toFixed(usd < 1 ? 4 : 2)}`;
export const time = (ms: number | null) => ms === null ? '–' : span(ms);
