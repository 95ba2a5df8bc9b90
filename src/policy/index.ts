/** The policy engine: the grammar of documents, and what several of them result in. Pure; shared by construct, handlers and command line. */
export * from './compose';
export * from './document';
export * from './grammar';
export * from './inheritance';
export * from './locks';
export * from './services';
