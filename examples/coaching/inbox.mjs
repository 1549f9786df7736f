// A coach writes to Mara: the app's server sends it, she reads it, pins it and puts it away.

import { mara, maraData, service } from './clients.mjs'
import { answer, chapter, cut, nothing, WIDTH } from './output.mjs'

const MESSAGE = {
  p_user_id: maraData.id,
  p_subject: 'Three pictures, and one more breath',
  p_content:
    'I have recorded how three others open: one with a smell, one with a date, one with a question. Listen to them once, on ' +
    'the tram, and then not again. Yours is better than you think; it only wants a pause before the second picture.',
  p_sender_agent_id: 'agent-imke',
  p_sender_name: 'Imke',
  p_category: 'speaking',
  p_attachments: [
    {
      type: 'audio',
      name: 'Three openings, read aloud',
      url: 'https://example.com/audio/three-openings.mp3',
      mime_type: 'audio/mpeg',
    },
  ],
  p_message_type: 'resource',
}

const COLUMNS = `
  sender_name, subject, preview, is_read, is_pinned, is_archived,
  session:graph_nodes!inbox_messages_session_node_fkey(label), message_attachments(title, mime_type)`

/** Sends the message about a session; gives its id. */
export async function showInbox(session) {
  chapter(
    "A message from Mara's coach, with an attachment",
    `service.rpc('create_message_with_attachments', …), mara.rpc('mark_message_as_read', …)`,
  )
  const id = await answer(service.rpc('create_message_with_attachments', { ...MESSAGE, p_session_node_id: session }))
  const unread = () => answer(mara.rpc('get_unread_message_count'))
  const message = async () => (await answer(mara.from('inbox_messages').select(COLUMNS).eq('id', id)))[0]
  const line = (what, text) => console.log(`  ${what.padEnd(12)}${cut(String(text), WIDTH - 16)}`)

  line('unread', await unread())
  const { sender_name, subject, preview, session: about, message_attachments: attached } = await message()
  line(`from ${sender_name}`, `${subject}: ${preview}`)
  line('about', about.label)
  for (const { title, mime_type } of attached) line('attached', `${title} (${mime_type})`)

  await answer(mara.rpc('mark_message_as_read', { p_message_id: id }))
  const [receipt] = await answer(mara.from('message_read_receipts').select('message_id').eq('message_id', id))
  if (receipt.message_id !== id) throw new Error('no receipt')
  line('read', `${await unread()} unread, and a receipt`)
  await answer(mara.rpc('toggle_message_pin', { p_message_id: id }))
  await answer(mara.rpc('archive_message', { p_message_id: id }))
  const { is_pinned, is_archived } = await message()
  line('put away', `pinned: ${is_pinned}, archived: ${is_archived}`)
  line('rewriting', await nothing(mara.from('inbox_messages').update({ subject: 'Mine' }).eq('id', id).select('id')))
  return id
}
