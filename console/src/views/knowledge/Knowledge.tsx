import './knowledge.css';
import { route } from '../../state/route';
import { useLoaded } from '../../state/loaded';
import { Badge, Page } from '../../ui/parts';
import { stats } from './api';
import { ChunkPage } from './ChunkPage';
import { Intake } from './Intake';
import { Search } from './Search';
import { Sources } from './Sources';

const Tabs = [['search', 'Search'], ['sources', 'Documents'], ['ingest', 'Add documents']] as const;

/** What the agent knows: found, added, taken in from documents, taken out and brought back by them. */
export default function Knowledge() {
  const [tab = 'search', id] = route.value.rest;
  const known = useLoaded(stats, [], ['knowledge']);
  if (tab === 'chunk' && id) return <ChunkPage id={id} />;
  return (
    <Page title="Knowledge" actions={known.data && (
      <div class="row">
        <Badge>{known.data.chunks.toLocaleString()} chunks</Badge>
        <Badge>{known.data.documents.toLocaleString()} documents</Badge>
        {known.data.embedding_model
          ? <Badge tone={known.data.embeddings_ready ? 'good' : 'warn'} title={known.data.embeddings_ready ? 'Searches fuse words and vectors.' : 'It failed and is left alone for a while: searches go by words.'}>{known.data.embedding_model}</Badge>
          : <Badge title="Set knowledge.embedding_model to search by meaning too.">by words alone</Badge>}
      </div>
    )}>
      <nav class="tabs" aria-label="Knowledge">
        {Tabs.map(([name, title]) => <a key={name} href={`#/knowledge/${name}`} aria-current={tab === name ? 'page' : undefined}>{title}</a>)}
      </nav>
      {tab === 'sources' ? <Sources /> : tab === 'ingest' ? <Intake /> : <Search domains={Object.keys(known.data?.by_domain ?? {})} />}
    </Page>
  );
}
