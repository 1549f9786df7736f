// The types of lgtempo's tables and functions, for supabase-js: createClient<Database>(url, key).
// script/types writes this file from the database's catalogue; tests keep it fresh.
//
// It has the shape that `supabase gen types typescript` gives, and is stricter or kinder in this:
// - Only what the API's roles are meant to use is here: no internal tables, no trigger functions.
// - Generated columns can't be written. What a trigger fills in may be left out of an insert.
// - An embedding is received as a string, and sent as a string or as an array of numbers.
// - An argument is optional where the function has a default, and takes null where that default is null. p_user_id
//   takes null everywhere: null is the signed-in person.
// - Columns of results are null where the function's contract says that they may be.
// - bit, interval and tsvector are strings, as they are in JSON.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

export type Database = {
  public: {
    Tables: {
      /** Knowledge bases: what an AI coach can look up. */
      agent_knowledge_bases: {
        Row: {
          /** The coach that uses the base. */
          agent_id: string
          /** When the row was made (UTC instant). */
          created_at: string
          /** What the base is about. */
          description: string | null
          /** How many documents it has (kept by the database). */
          document_count: number
          /** Key (uuid, version 7). */
          id: string
          /** How far indexing is: pending, processing, completed or failed. */
          indexing_status: string
          /** Whether the base is in use; others than its owner read it only then. */
          is_active: boolean
          /** Whether everybody, signed in or not, may read it. */
          is_public: boolean
          /** Text search configuration that splits its words, such as english. */
          language: string
          /** Whatever else is kept (JSON). */
          metadata: Json
          /** Name, unique for a coach and an owner. */
          name: string
          /** Whose base this is; null: shared by all signed-in users. */
          owner_id: string | null
          /** How many chunks they have (kept by the database). */
          total_chunks: number
          /** When the row was last changed (UTC instant, kept by the database). */
          updated_at: string
        }
        Insert: {
          agent_id: string
          created_at?: string
          description?: string | null
          document_count?: number
          id?: string
          indexing_status?: string
          is_active?: boolean
          is_public?: boolean
          language?: string
          metadata?: Json
          name: string
          owner_id?: string | null
          total_chunks?: number
          updated_at?: string
        }
        Update: {
          agent_id?: string
          created_at?: string
          description?: string | null
          document_count?: number
          id?: string
          indexing_status?: string
          is_active?: boolean
          is_public?: boolean
          language?: string
          metadata?: Json
          name?: string
          owner_id?: string | null
          total_chunks?: number
          updated_at?: string
        }
        Relationships: []
      }
      /** Coaches: the AI personae that people can talk to. */
      agent_personae: {
        Row: {
          /** Whether the coach can be talked to now. */
          availability_status: string
          /** Mean of people's ratings, 0 to 5; null before the first. */
          average_rating: number | null
          /** Where the coach comes from. */
          backstory: string | null
          /** Kind of coach. */
          category: string | null
          /** When the row was made (UTC instant). */
          created_at: string
          /** Id of the voice agent, unique. */
          elevenlabs_agent_id: string | null
          /** Goal category that the coach is made for (an id of goal_categories). */
          goal_category: string | null
          /** Key (uuid, version 7). */
          id: string
          /** Address of the portrait. */
          image_url: string | null
          /** Whether the coach is shown. */
          is_active: boolean
          /** Whether the coach is shown first. */
          is_featured: boolean
          /** What sets the coach apart. */
          key_features: string | null
          /** Whatever else the service keeps (JSON). */
          metadata: Json
          /** The coach's name. */
          name: string
          /** The coach's character. */
          personality: string | null
          /** Phrases to answer with (JSON). */
          response_templates: Json
          /** What the coach knows best. */
          speciality: string | null
          /** What the coach is good at. */
          strengths: string | null
          /** How the coach speaks. */
          tone_and_style: string | null
          /** When the row was last changed (UTC instant, kept by the database). */
          updated_at: string
          /** Address of a film in which the coach introduces itself. */
          video_intro_url: string | null
          /** Settings of the voice (JSON). */
          voice_profile: Json
        }
        Insert: {
          availability_status?: string
          average_rating?: number | null
          backstory?: string | null
          category?: string | null
          created_at?: string
          elevenlabs_agent_id?: string | null
          goal_category?: string | null
          id?: string
          image_url?: string | null
          is_active?: boolean
          is_featured?: boolean
          key_features?: string | null
          metadata?: Json
          name: string
          personality?: string | null
          response_templates?: Json
          speciality?: string | null
          strengths?: string | null
          tone_and_style?: string | null
          updated_at?: string
          video_intro_url?: string | null
          voice_profile?: Json
        }
        Update: {
          availability_status?: string
          average_rating?: number | null
          backstory?: string | null
          category?: string | null
          created_at?: string
          elevenlabs_agent_id?: string | null
          goal_category?: string | null
          id?: string
          image_url?: string | null
          is_active?: boolean
          is_featured?: boolean
          key_features?: string | null
          metadata?: Json
          name?: string
          personality?: string | null
          response_templates?: Json
          speciality?: string | null
          strengths?: string | null
          tone_and_style?: string | null
          updated_at?: string
          video_intro_url?: string | null
          voice_profile?: Json
        }
        Relationships: []
      }
      /** Conversations: what a person and a voice agent said to each other. */
      elevenlabs_conversations: {
        Row: {
          /** Id of the voice agent. */
          agent_id: string | null
          /** What the voice service made of it (JSON). */
          analysis: Json
          /** Kind of call. */
          call_type: string | null
          /** The conversation's id at the voice service, unique for a person. */
          conversation_id: string
          /** When the row was made (UTC instant). */
          created_at: string
          /** How long it lasted, in whole minutes. */
          duration_minutes: number | null
          /** When the conversation ended; null while it lasts. */
          ended_at: string | null
          /** Key (uuid, version 7). */
          id: string
          /** Figures about it, such as counts of messages (JSON). */
          interaction_metrics: Json
          /** Whatever else is kept (a JSON object). */
          metadata: Json
          /** How long it was meant to last, in whole minutes. */
          scheduled_duration: number | null
          /** When the conversation began. */
          started_at: string | null
          /** How far the conversation is, as the voice service says. */
          status: string | null
          /** What was said (JSON). */
          transcript: Json
          /** When the row was last changed (UTC instant, kept by the database). */
          updated_at: string
          /** Whose conversation this is. */
          user_id: string
        }
        Insert: {
          agent_id?: string | null
          analysis?: Json
          call_type?: string | null
          conversation_id: string
          created_at?: string
          duration_minutes?: number | null
          ended_at?: string | null
          id?: string
          interaction_metrics?: Json
          metadata?: Json
          scheduled_duration?: number | null
          started_at?: string | null
          status?: string | null
          transcript?: Json
          updated_at?: string
          user_id?: string
        }
        Update: {
          agent_id?: string | null
          analysis?: Json
          call_type?: string | null
          conversation_id?: string
          created_at?: string
          duration_minutes?: number | null
          ended_at?: string | null
          id?: string
          interaction_metrics?: Json
          metadata?: Json
          scheduled_duration?: number | null
          started_at?: string | null
          status?: string | null
          transcript?: Json
          updated_at?: string
          user_id?: string
        }
        Relationships: []
      }
      /** Goal categories: what goals can be about. */
      goal_categories: {
        Row: {
          /** When the row was made (UTC instant). */
          created_at: string
          /** Colour to show it in. */
          display_color: string | null
          /** Name of its icon. */
          icon_name: string | null
          /** Key: a short word. */
          id: string
          /** Title, as shown. */
          title: string
          /** When the row was last changed (UTC instant, kept by the database). */
          updated_at: string
        }
        Insert: {
          created_at?: string
          display_color?: string | null
          icon_name?: string | null
          id: string
          title: string
          updated_at?: string
        }
        Update: {
          created_at?: string
          display_color?: string | null
          icon_name?: string | null
          id?: string
          title?: string
          updated_at?: string
        }
        Relationships: []
      }
      /** Edges of people's knowledge graphs: how two nodes of one person relate, and when. */
      graph_edges: {
        Row: {
          /** Whether the deletion of an end closed the edge; restoring the end opens it again. */
          closed_by_delete: boolean
          /** When the row was made (UTC instant). */
          created_at: string
          /** How source relates to target. */
          edge_type: Database["public"]["Enums"]["edge_type"]
          /** Key, together with user_id (uuid, version 7). */
          id: string
          /** What there is to say about the relation. */
          label: string | null
          /** Further facts (a JSON object). */
          properties: Json
          /** The node that the edge leaves. */
          source_node_id: string
          /** The node that the edge reaches. */
          target_node_id: string
          /** When the row was last changed (UTC instant, kept by the database). */
          updated_at: string
          /** Whose edge this is; both its ends are the same person's. */
          user_id: string
          /** Since when the relation holds. */
          valid_from: string
          /** Until when the relation held; null while it does. */
          valid_to: string | null
          /** How strong the relation is, 0 to 1. */
          weight: number
        }
        Insert: {
          closed_by_delete?: boolean
          created_at?: string
          edge_type: Database["public"]["Enums"]["edge_type"]
          id?: string
          label?: string | null
          properties?: Json
          source_node_id: string
          target_node_id: string
          updated_at?: string
          user_id?: string
          valid_from?: string
          valid_to?: string | null
          weight?: number
        }
        Update: {
          closed_by_delete?: boolean
          created_at?: string
          edge_type?: Database["public"]["Enums"]["edge_type"]
          id?: string
          label?: string | null
          properties?: Json
          source_node_id?: string
          target_node_id?: string
          updated_at?: string
          user_id?: string
          valid_from?: string
          valid_to?: string | null
          weight?: number
        }
        Relationships: [
          {
            foreignKeyName: "graph_edges_source_node_fkey"
            columns: ["source_node_id", "user_id"]
            isOneToOne: false
            referencedRelation: "graph_nodes"
            referencedColumns: ["id", "user_id"]
          },
          {
            foreignKeyName: "graph_edges_target_node_fkey"
            columns: ["target_node_id", "user_id"]
            isOneToOne: false
            referencedRelation: "graph_nodes"
            referencedColumns: ["id", "user_id"]
          },
        ]
      }
      /** Insights: what the database or an AI has noticed in a person's graph. */
      graph_insights: {
        Row: {
          /** How sure it is, 0 to 1. */
          confidence: number
          /** The insight in full. */
          content: string
          /** When the row was made (UTC instant). */
          created_at: string
          /** The figures behind it (JSON). */
          evidence: Json
          /** Key (uuid, version 7). */
          id: string
          /** What the insight is about; one row a key and person where no AI wrote it. */
          insight_key: string
          /** Kind of insight. */
          insight_type: string
          /** The AI model that wrote it; null where the database did. */
          model: string | null
          /** The nodes that it is about. */
          node_ids: string[]
          /** What the person did with it: new, seen or dismissed. */
          status: string
          /** The insight in a few words. */
          title: string
          /** When the row was last changed (UTC instant, kept by the database). */
          updated_at: string
          /** Whose insight this is. */
          user_id: string
          /** Since when it is no longer true; null while it is. */
          valid_until: string | null
        }
        Insert: {
          confidence?: number
          content: string
          created_at?: string
          evidence?: Json
          id?: string
          insight_key: string
          insight_type: string
          model?: string | null
          node_ids?: string[]
          status?: string
          title: string
          updated_at?: string
          user_id?: string
          valid_until?: string | null
        }
        Update: {
          confidence?: number
          content?: string
          created_at?: string
          evidence?: Json
          id?: string
          insight_key?: string
          insight_type?: string
          model?: string | null
          node_ids?: string[]
          status?: string
          title?: string
          updated_at?: string
          user_id?: string
          valid_until?: string | null
        }
        Relationships: []
      }
      /** Nodes of people's knowledge graphs: goals, skills, emotions, sessions and accomplishments. */
      graph_nodes: {
        Row: {
          /** When the node came to be (UTC instant); questions about the past start here. */
          created_at: string
          /** When the node was deleted; null while it lives. Whatever is written, the database stores its own clock. */
          deleted_at: string | null
          /** What there is to say about it. */
          description: string | null
          /** Embedding of label and description, 1536 dimensions; null until it is computed. */
          embedding: string | null
          /** The embedding's signs, one bit each, for searching (generated). */
          embedding_code: string | null
          /** Key, together with user_id (uuid, version 7). */
          id: string
          /** Short name, 1 to 255 characters without the blanks around it. */
          label: string
          /** What the node stands for. */
          node_type: Database["public"]["Enums"]["node_type"]
          /** Further facts (a JSON object). */
          properties: Json
          /** Whether the person has confirmed what the AI captured. */
          status: Database["public"]["Enums"]["node_status"]
          /** When the row was last changed (UTC instant, kept by the database). */
          updated_at: string
          /** Whose node this is. */
          user_id: string
        }
        Insert: {
          created_at?: string
          deleted_at?: string | null
          description?: string | null
          embedding?: string | number[] | null
          embedding_code?: never
          id?: string
          label: string
          node_type: Database["public"]["Enums"]["node_type"]
          properties?: Json
          status?: Database["public"]["Enums"]["node_status"]
          updated_at?: string
          user_id?: string
        }
        Update: {
          created_at?: string
          deleted_at?: string | null
          description?: string | null
          embedding?: string | number[] | null
          embedding_code?: never
          id?: string
          label?: string
          node_type?: Database["public"]["Enums"]["node_type"]
          properties?: Json
          status?: Database["public"]["Enums"]["node_status"]
          updated_at?: string
          user_id?: string
        }
        Relationships: []
      }
      /** Messages: what coaches and the service write to people. */
      inbox_messages: {
        Row: {
          /** When the message was put away; null before. */
          archived_at: string | null
          /** Category to sort messages by. */
          category: string | null
          /** The message itself (JSON); plain text is under the key text. */
          content: Json
          /** When the row was made (UTC instant). */
          created_at: string
          /** From when the message no longer matters; null where it always does. */
          expires_at: string | null
          /** The goal that the message is about; null once that node is erased. */
          goal_node_id: string | null
          /** Key (uuid, version 7). */
          id: string
          /** Whether the message is put away. */
          is_archived: boolean
          /** Whether the person keeps the message on top. */
          is_pinned: boolean
          /** Whether the person has read the message. */
          is_read: boolean
          /** What the message is about. */
          message_type: Database["public"]["Enums"]["message_type"]
          /** Whatever else is kept (a JSON object). */
          metadata: Json
          /** How the message begins; the first 200 characters of its text where it is left out. */
          preview: string | null
          /** How urgent the message is. */
          priority: Database["public"]["Enums"]["message_priority"]
          /** When the message was read; null before. */
          read_at: string | null
          /** Address of the sender's portrait. */
          sender_avatar_url: string | null
          /** Id of the sender, such as the coach's. */
          sender_id: string | null
          /** Name of the sender, as shown. */
          sender_name: string | null
          /** Kind of sender, such as ai_coach or system. */
          sender_type: string
          /** The coaching session that the message is about; null once that node is erased. */
          session_node_id: string | null
          /** Subject line. */
          subject: string | null
          /** Words to find messages by. */
          tags: string[]
          /** When the row was last changed (UTC instant, kept by the database). */
          updated_at: string
          /** Whose inbox the message is in. */
          user_id: string
        }
        Insert: {
          archived_at?: string | null
          category?: string | null
          content?: Json
          created_at?: string
          expires_at?: string | null
          goal_node_id?: string | null
          id?: string
          is_archived?: boolean
          is_pinned?: boolean
          is_read?: boolean
          message_type?: Database["public"]["Enums"]["message_type"]
          metadata?: Json
          preview?: string | null
          priority?: Database["public"]["Enums"]["message_priority"]
          read_at?: string | null
          sender_avatar_url?: string | null
          sender_id?: string | null
          sender_name?: string | null
          sender_type?: string
          session_node_id?: string | null
          subject?: string | null
          tags?: string[]
          updated_at?: string
          user_id?: string
        }
        Update: {
          archived_at?: string | null
          category?: string | null
          content?: Json
          created_at?: string
          expires_at?: string | null
          goal_node_id?: string | null
          id?: string
          is_archived?: boolean
          is_pinned?: boolean
          is_read?: boolean
          message_type?: Database["public"]["Enums"]["message_type"]
          metadata?: Json
          preview?: string | null
          priority?: Database["public"]["Enums"]["message_priority"]
          read_at?: string | null
          sender_avatar_url?: string | null
          sender_id?: string | null
          sender_name?: string | null
          sender_type?: string
          session_node_id?: string | null
          subject?: string | null
          tags?: string[]
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "inbox_messages_goal_node_fkey"
            columns: ["goal_node_id", "user_id"]
            isOneToOne: false
            referencedRelation: "graph_nodes"
            referencedColumns: ["id", "user_id"]
          },
          {
            foreignKeyName: "inbox_messages_session_node_fkey"
            columns: ["session_node_id", "user_id"]
            isOneToOne: false
            referencedRelation: "graph_nodes"
            referencedColumns: ["id", "user_id"]
          },
        ]
      }
      /** Entries: short pieces of knowledge that stand alone. */
      knowledge: {
        Row: {
          /** The entry's text. */
          content: string
          /** When the row was made (UTC instant). */
          created_at: string
          /** Embedding of the text, 1536 dimensions; null until it is computed. */
          embedding: string | null
          /** The embedding's signs, one bit each, for searching (generated). */
          embedding_code: string | null
          /** Key (uuid, version 7). */
          id: string
          /** Text search configuration that splits its words, such as english. */
          language: string
          /** Whatever else is kept (JSON). */
          metadata: Json
          /** The text's words in the entry's language (kept by the database). */
          search_vector: string | null
          /** Kind of source it came from. */
          source_type: string | null
          /** Where it was found. */
          source_url: string | null
          /** When the row was last changed (UTC instant, kept by the database). */
          updated_at: string
          /** Whose entry this is; null: shared by all signed-in users. */
          user_id: string | null
        }
        Insert: {
          content: string
          created_at?: string
          embedding?: string | number[] | null
          embedding_code?: never
          id?: string
          language?: string
          metadata?: Json
          search_vector?: string | null
          source_type?: string | null
          source_url?: string | null
          updated_at?: string
          user_id?: string | null
        }
        Update: {
          content?: string
          created_at?: string
          embedding?: string | number[] | null
          embedding_code?: never
          id?: string
          language?: string
          metadata?: Json
          search_vector?: string | null
          source_type?: string | null
          source_url?: string | null
          updated_at?: string
          user_id?: string | null
        }
        Relationships: []
      }
      /** Chunks: the passages of the documents, as search finds them. */
      knowledge_chunks: {
        Row: {
          /** Place in the document, from 0. */
          chunk_index: number
          /** The passage's text. */
          content: string
          /** When the row was made (UTC instant). */
          created_at: string
          /** The document that the passage is from. */
          document_id: string
          /** Embedding of the text, 1536 dimensions; null until it is computed. */
          embedding: string | null
          /** The embedding's signs, one bit each, for searching (generated). */
          embedding_code: string | null
          /** Key (uuid, version 7). */
          id: string
          /** The document's base; filled in where it is left out. */
          knowledge_base_id: string
          /** Whatever else is kept (JSON). */
          metadata: Json
          /** The text's words in the base's language (kept by the database). */
          search_vector: string | null
          /** Length in tokens of the embedding model's tokenizer; null where nobody counted. */
          token_count: number | null
          /** When the row was last changed (UTC instant, kept by the database). */
          updated_at: string
        }
        Insert: {
          chunk_index: number
          content: string
          created_at?: string
          document_id: string
          embedding?: string | number[] | null
          embedding_code?: never
          id?: string
          knowledge_base_id?: string
          metadata?: Json
          search_vector?: string | null
          token_count?: number | null
          updated_at?: string
        }
        Update: {
          chunk_index?: number
          content?: string
          created_at?: string
          document_id?: string
          embedding?: string | number[] | null
          embedding_code?: never
          id?: string
          knowledge_base_id?: string
          metadata?: Json
          search_vector?: string | null
          token_count?: number | null
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "knowledge_chunks_document_fkey"
            columns: ["document_id", "knowledge_base_id"]
            isOneToOne: false
            referencedRelation: "knowledge_documents"
            referencedColumns: ["id", "knowledge_base_id"]
          },
        ]
      }
      /** Documents of the knowledge bases. */
      knowledge_documents: {
        Row: {
          /** How many chunks it has (kept by the database). */
          chunk_count: number
          /** The whole text. */
          content: string
          /** SHA-256 of the text in hexadecimal, unique in its base (kept by the database). */
          content_hash: string
          /** When the row was made (UTC instant). */
          created_at: string
          /** Format of the text: text, markdown, pdf or html. */
          document_type: string
          /** Key (uuid, version 7). */
          id: string
          /** The base that the document belongs to. */
          knowledge_base_id: string
          /** Whatever else is kept (JSON). */
          metadata: Json
          /** Where it was found. */
          source_url: string | null
          /** Title. */
          title: string
          /** When the row was last changed (UTC instant, kept by the database). */
          updated_at: string
        }
        Insert: {
          chunk_count?: number
          content: string
          content_hash?: string
          created_at?: string
          document_type?: string
          id?: string
          knowledge_base_id: string
          metadata?: Json
          source_url?: string | null
          title: string
          updated_at?: string
        }
        Update: {
          chunk_count?: number
          content?: string
          content_hash?: string
          created_at?: string
          document_type?: string
          id?: string
          knowledge_base_id?: string
          metadata?: Json
          source_url?: string | null
          title?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "knowledge_documents_knowledge_base_fkey"
            columns: ["knowledge_base_id"]
            isOneToOne: false
            referencedRelation: "agent_knowledge_bases"
            referencedColumns: ["id"]
          },
        ]
      }
      /** Attachments: files and links that come with a message. */
      message_attachments: {
        Row: {
          /** Kind of attachment, such as file, audio or link. */
          attachment_type: string
          /** When the row was made (UTC instant). */
          created_at: string
          /** What there is to say about it. */
          description: string | null
          /** How long it plays, in seconds. */
          duration_seconds: number | null
          /** How big the file is, in bytes. */
          file_size_bytes: number | null
          /** Key (uuid, version 7). */
          id: string
          /** The message that it comes with. */
          message_id: string
          /** Whatever else is kept (a JSON object). */
          metadata: Json
          /** Format of the file, such as audio/mpeg. */
          mime_type: string | null
          /** Path in the file store; this or url is needed. */
          storage_path: string | null
          /** Address of a small picture of it. */
          thumbnail_url: string | null
          /** Title, as shown. */
          title: string | null
          /** When the row was last changed (UTC instant, kept by the database). */
          updated_at: string
          /** Address to get it from; this or storage_path is needed. */
          url: string | null
          /** Whose message that is; filled in where it is left out. */
          user_id: string
        }
        Insert: {
          attachment_type?: string
          created_at?: string
          description?: string | null
          duration_seconds?: number | null
          file_size_bytes?: number | null
          id?: string
          message_id: string
          metadata?: Json
          mime_type?: string | null
          storage_path?: string | null
          thumbnail_url?: string | null
          title?: string | null
          updated_at?: string
          url?: string | null
          user_id?: string
        }
        Update: {
          attachment_type?: string
          created_at?: string
          description?: string | null
          duration_seconds?: number | null
          file_size_bytes?: number | null
          id?: string
          message_id?: string
          metadata?: Json
          mime_type?: string | null
          storage_path?: string | null
          thumbnail_url?: string | null
          title?: string | null
          updated_at?: string
          url?: string | null
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "message_attachments_message_fkey"
            columns: ["message_id", "user_id"]
            isOneToOne: false
            referencedRelation: "inbox_messages"
            referencedColumns: ["id", "user_id"]
          },
        ]
      }
      /** Read receipts: when a person read a message, for how long and on what. */
      message_read_receipts: {
        Row: {
          /** When the row was made (UTC instant). */
          created_at: string
          /** What it was read on (JSON). */
          device_info: Json
          /** Key (uuid, version 7). */
          id: string
          /** The message that was read. */
          message_id: string
          /** When the message was read. */
          read_at: string
          /** How long it was open, in seconds. */
          read_duration_seconds: number | null
          /** When the row was last changed (UTC instant, kept by the database). */
          updated_at: string
          /** Whose message that is; filled in where it is left out. */
          user_id: string
        }
        Insert: {
          created_at?: string
          device_info?: Json
          id?: string
          message_id: string
          read_at?: string
          read_duration_seconds?: number | null
          updated_at?: string
          user_id?: string
        }
        Update: {
          created_at?: string
          device_info?: Json
          id?: string
          message_id?: string
          read_at?: string
          read_duration_seconds?: number | null
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "message_read_receipts_message_fkey"
            columns: ["message_id", "user_id"]
            isOneToOne: true
            referencedRelation: "inbox_messages"
            referencedColumns: ["id", "user_id"]
          },
        ]
      }
      /** Profiles: what people tell about themselves and prefer. */
      profiles: {
        Row: {
          /** Address of the portrait; follows the sign-up metadata until the person changes it here. */
          avatar_url: string | null
          /** How the person likes to be coached (a JSON object). */
          coaching_preferences: Json
          /** When the row was made (UTC instant). */
          created_at: string
          /** Full name; follows the sign-up metadata until the person changes it here. */
          full_name: string | null
          /** When selected_goals last changed. */
          goals_updated_at: string | null
          /** The account's id in auth.users. */
          id: string
          /** Language and region, such as en-GB. */
          locale: string | null
          /** When onboarding was completed; null before. */
          onboarding_completed_at: string | null
          /** Settings of the app (a JSON object). */
          preferences: Json
          /** Goals picked during onboarding (a JSON array). */
          selected_goals: Json
          /** When the row was last changed (UTC instant, kept by the database). */
          updated_at: string
          /** Name chosen by the person, unique; never taken from metadata. */
          username: string | null
        }
        Insert: {
          avatar_url?: string | null
          coaching_preferences?: Json
          created_at?: string
          full_name?: string | null
          goals_updated_at?: string | null
          id: string
          locale?: string | null
          onboarding_completed_at?: string | null
          preferences?: Json
          selected_goals?: Json
          updated_at?: string
          username?: string | null
        }
        Update: {
          avatar_url?: string | null
          coaching_preferences?: Json
          created_at?: string
          full_name?: string | null
          goals_updated_at?: string | null
          id?: string
          locale?: string | null
          onboarding_completed_at?: string | null
          preferences?: Json
          selected_goals?: Json
          updated_at?: string
          username?: string | null
        }
        Relationships: []
      }
      /** Goals: what people have set out to reach, with milestones. */
      user_goals: {
        Row: {
          /** What the goal is about; null once that category is erased. */
          category_id: string | null
          /** When the row was made (UTC instant). */
          created_at: string
          /** What there is to say about it. */
          goal_description: string | null
          /** How far the goal is; pending at first. */
          goal_status: string
          /** The goal in a few words, 1 to 255 characters without the blanks around it. */
          goal_title: string
          /** Key (uuid, version 7). */
          id: string
          /** Whatever else is kept (a JSON object). */
          metadata: Json
          /** Steps on the way (a JSON array). */
          milestones: Json
          /** The goal's node in the person's graph; null once that node is erased. */
          node_id: string | null
          /** The day by which it is to be reached. */
          target_date: string | null
          /** When the row was last changed (UTC instant, kept by the database). */
          updated_at: string
          /** Whose goal this is. */
          user_id: string
        }
        Insert: {
          category_id?: string | null
          created_at?: string
          goal_description?: string | null
          goal_status?: string
          goal_title: string
          id?: string
          metadata?: Json
          milestones?: Json
          node_id?: string | null
          target_date?: string | null
          updated_at?: string
          user_id?: string
        }
        Update: {
          category_id?: string | null
          created_at?: string
          goal_description?: string | null
          goal_status?: string
          goal_title?: string
          id?: string
          metadata?: Json
          milestones?: Json
          node_id?: string | null
          target_date?: string | null
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "user_goals_category_fkey"
            columns: ["category_id"]
            isOneToOne: false
            referencedRelation: "goal_categories"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "user_goals_node_fkey"
            columns: ["node_id", "user_id"]
            isOneToOne: false
            referencedRelation: "graph_nodes"
            referencedColumns: ["id", "user_id"]
          },
        ]
      }
      /** Accounts: the core record of each person. */
      users: {
        Row: {
          /** Address of the portrait, from the sign-up metadata. */
          avatar_url: string | null
          /** When the row was made (UTC instant). */
          created_at: string
          /** Credits left; set by the service alone. */
          credits: number
          /** E-mail address, as in auth.users. */
          email: string | null
          /** Full name, from the sign-up metadata. */
          full_name: string | null
          /** The account's id in auth.users. */
          id: string
          /** Address of a portrait chosen by the service. */
          image: string | null
          /** Short name, from the sign-up metadata. */
          name: string | null
          /** Plan that the person has subscribed to; set by the service alone. */
          subscription: string | null
          /** Identifier that the service's token issuer uses; never taken from metadata. */
          token_identifier: string | null
          /** When the row was last changed (UTC instant, kept by the database). */
          updated_at: string
        }
        Insert: {
          avatar_url?: string | null
          created_at?: string
          credits?: number
          email?: string | null
          full_name?: string | null
          id: string
          image?: string | null
          name?: string | null
          subscription?: string | null
          token_identifier?: string | null
          updated_at?: string
        }
        Update: {
          avatar_url?: string | null
          created_at?: string
          credits?: number
          email?: string | null
          full_name?: string | null
          id?: string
          image?: string | null
          name?: string | null
          subscription?: string | null
          token_identifier?: string | null
          updated_at?: string
        }
        Relationships: []
      }
      /** Voice chat events: what happened in a voice chat, step by step, before sign-up too. */
      voice_chat_events: {
        Row: {
          /** Who was speaking before sign-up: 32 to 128 characters of A-Z, a-z, 0-9, _ and -, made by the client from a secure random source. */
          anonymous_id: string | null
          /** The conversation that the event belongs to, as the voice service names it. */
          conversation_id: string | null
          /** When the row was made (UTC instant). */
          created_at: string
          /** The event's particulars (JSON). */
          event_data: Json
          /** What happened: a word in snake_case. */
          event_type: string
          /** Key (uuid, version 7). */
          id: string
          /** When the row was last changed (UTC instant, kept by the database). */
          updated_at: string
          /** Whose event this is; null until it is claimed. */
          user_id: string | null
        }
        Insert: {
          anonymous_id?: string | null
          conversation_id?: string | null
          created_at?: string
          event_data?: Json
          event_type: string
          id?: string
          updated_at?: string
          user_id?: string | null
        }
        Update: {
          anonymous_id?: string | null
          conversation_id?: string | null
          created_at?: string
          event_data?: Json
          event_type?: string
          id?: string
          updated_at?: string
          user_id?: string | null
        }
        Relationships: []
      }
      /** Webhook deliveries: what other services have reported, as it came. */
      webhook_events: {
        Row: {
          /** When the row was made (UTC instant). */
          created_at: string
          /** What was sent (JSON). */
          data: Json
          /** What it reports, in the app's words. */
          event_type: string | null
          /** The delivery's id at the source, unique there; null where the source gives none. */
          external_id: string | null
          /** Key (uuid, version 7). */
          id: string
          /** When it was dealt with; null before. */
          processed_at: string | null
          /** The service that sent it. */
          source: string
          /** What it reports, in the source's words. */
          type: string | null
          /** When the row was last changed (UTC instant, kept by the database). */
          updated_at: string
          /** The person it is about; null where that is nobody, or not known yet. */
          user_id: string | null
        }
        Insert: {
          created_at?: string
          data?: Json
          event_type?: string | null
          external_id?: string | null
          id?: string
          processed_at?: string | null
          source: string
          type?: string | null
          updated_at?: string
          user_id?: string | null
        }
        Update: {
          created_at?: string
          data?: Json
          event_type?: string | null
          external_id?: string | null
          id?: string
          processed_at?: string | null
          source?: string
          type?: string | null
          updated_at?: string
          user_id?: string | null
        }
        Relationships: []
      }
    }
    Views: {
      [_ in never]: never
    }
    Functions: {
      /** Stores a document in a knowledge base and splits it into chunks. */
      add_knowledge_document: {
        Args: {
          p_knowledge_base_id: string
          p_title: string
          p_content: string
          p_source_url?: string | null
          p_document_type?: string
          p_metadata?: Json
          p_max_tokens?: number
          p_overlap_tokens?: number
        }
        Returns: string
      }
      /** Puts a message away; true if there is such a message, put away before or not. */
      archive_message: {
        Args: {
          p_message_id: string
          p_user_id?: string | null
        }
        Returns: boolean
      }
      /** Rates how engaged somebody was in a conversation, from 0.00 to 1.00. */
      calculate_engagement_score: {
        Args: {
          message_count: number
          duration_seconds: number
          tool_calls_count: number
        }
        Returns: number
      }
      /** Makes the voice chat events from before sign-up the signed-in person's own; returns how many. */
      claim_anonymous_events: {
        Args: {
          p_anonymous_id: string
        }
        Returns: number
      }
      /** Hands a worker texts to embed, and leases them to it for p_lease (up to a year): nobody else gets them meanwhile. */
      claim_embedding_jobs: {
        Args: {
          p_limit?: number
          p_lease?: string
        }
        Returns: {
          kind: string
          id: string
          user_id: string | null
          content: string
          attempts: number
          lease: string
        }[]
      }
      /** Archives the messages that have expired, for the service alone; returns how many. */
      cleanup_expired_messages: {
        Args: never
        Returns: number
      }
      /** Records a goal, and returns its id. */
      create_goal_node: {
        Args: {
          p_user_id: string | null
          p_title: string
          p_category?: string | null
          p_properties?: Json
        }
        Returns: string
      }
      /** Puts a message and its attachments into a person's inbox, for the service alone; returns the message's id. */
      create_message_with_attachments: {
        Args: {
          p_user_id: string | null
          p_subject: string
          p_content: string
          p_sender_agent_id: string | null
          p_sender_name: string | null
          p_category?: string | null
          p_priority?: Database["public"]["Enums"]["message_priority"]
          p_session_node_id?: string | null
          p_goal_node_id?: string | null
          p_attachments?: Json
          p_message_type?: Database["public"]["Enums"]["message_type"]
        }
        Returns: string
      }
      /** Records a coaching session, and returns its id. */
      create_session_node: {
        Args: {
          p_user_id?: string | null
          p_goal_id?: string | null
          p_duration?: number | null
          p_summary?: string | null
          p_properties?: Json
        }
        Returns: string
      }
      /** Records a skill, and returns its id. */
      create_skill_node: {
        Args: {
          p_user_id: string | null
          p_skill_name: string
          p_level?: Database["public"]["Enums"]["skill_level"]
          p_transferable_from?: string[]
        }
        Returns: string
      }
      /** Finds a person's nodes whose meaning is nearest to an embedding, best first. */
      find_similar_nodes: {
        Args: {
          p_user_id: string | null
          p_query_embedding: string | number[]
          p_limit?: number
          p_threshold?: number
          p_node_types?: Database["public"]["Enums"]["node_type"][] | null
          p_exclude_node_ids?: string[] | null
        }
        Returns: {
          node_id: string
          node_type: Database["public"]["Enums"]["node_type"]
          label: string
          description: string | null
          properties: Json
          status: Database["public"]["Enums"]["node_status"]
          similarity: number
        }[]
      }
      /** Shows how far embedding is: one row, in which total = with_embedding + pending + leased + failed. */
      get_embedding_queue_stats: {
        Args: {
          p_user_id?: string | null
        }
        Returns: {
          total: number
          with_embedding: number
          pending: number
          leased: number
          failed: number
          oldest_pending: string | null
          by_kind: Json
        }[]
      }
      /** Shows a node's neighbourhood: all live nodes within p_depth degrees, and the edges that lead there. */
      get_node_neighborhood: {
        Args: {
          p_node_id: string
          p_depth?: number
          p_user_id?: string | null
          p_edge_types?: Database["public"]["Enums"]["edge_type"][] | null
          p_at?: string | null
        }
        Returns: {
          node_id: string
          node_type: Database["public"]["Enums"]["node_type"]
          label: string
          description: string | null
          properties: Json
          status: Database["public"]["Enums"]["node_status"]
          depth: number
          edge_id: string | null
          edge_type: Database["public"]["Enums"]["edge_type"] | null
          edge_label: string | null
          edge_properties: Json | null
          source_node_id: string | null
          target_node_id: string | null
        }[]
      }
      /** Counts a person's unread messages. */
      get_unread_message_count: {
        Args: {
          p_user_id?: string | null
        }
        Returns: number
      }
      /** Shows a person's goals and what was done for them, newest goal first. */
      get_user_goals_with_progress: {
        Args: {
          p_user_id?: string | null
        }
        Returns: {
          goal_id: string
          goal_title: string
          category: string | null
          target_date: string | null
          priority: string | null
          session_count: number
          total_duration_minutes: number
          accomplishment_count: number
          latest_session_date: string | null
        }[]
      }
      /** Shows a person's skills, by name, and where they were used. */
      get_user_skills_graph: {
        Args: {
          p_user_id?: string | null
        }
        Returns: {
          skill_id: string
          skill_name: string
          skill_level: string | null
          transferable_from: string[]
          used_in_sessions: number
          related_accomplishments: number
        }[]
      }
      /** Takes in what a person said at their first conversation: the profile, the first goal and the conversation, all or nothing. */
      handle_voice_onboarding: {
        Args: {
          p_user_id: string | null
          p_conversation_transcript: string
          p_extracted_profile: Json
          p_extracted_goal: Json
          p_conversation_metadata?: Json
        }
        Returns: Json
      }
      /** Finds the best passages by words and by meaning, with a weight between the two. */
      hybrid_search: {
        Args: {
          query_embedding: string | number[]
          query_text: string
          kb_id_filter?: string | null
          match_count?: number
          semantic_weight?: number
        }
        Returns: {
          id: string
          title: string
          content: string
          metadata: Json
          similarity_score: number | null
          keyword_score: number | null
          combined_score: number
        }[]
      }
      /** Makes a new key: a version 7 UUID. */
      lgtempo_uuid_v7: {
        Args: never
        Returns: string
      }
      /** Tells the version of lgtempo. */
      lgtempo_version: {
        Args: never
        Returns: string
      }
      /** Marks a message as read and writes its receipt; true if it was unread. */
      mark_message_as_read: {
        Args: {
          p_message_id: string
          p_user_id?: string | null
        }
        Returns: boolean
      }
      /** Notes what a person's graph says by itself, without any AI; returns how many insights were added, changed or ended. */
      refresh_graph_insights: {
        Args: {
          p_user_id?: string | null
        }
        Returns: number
      }
      /** Frees the embedding jobs that were given up, and returns how many. */
      retry_embedding_jobs: {
        Args: {
          p_user_id?: string | null
        }
        Returns: number
      }
      /** Answers a question with the best passages: by words, by meaning, or by both. */
      search_knowledge_base: {
        Args: {
          search_query?: string | null
          kb_id_filter?: string | null
          limit_results?: number
          query_embedding?: string | number[] | null
          similarity_threshold?: number
        }
        Returns: {
          id: string
          source: string
          document_id: string | null
          title: string | null
          content: string
          kb_id: string | null
          kb_name: string | null
          metadata: Json
          relevance_score: number
          similarity: number | null
          keyword_score: number | null
        }[]
      }
      /** Finds the passages whose meaning is nearest to an embedding, best first. */
      search_knowledge_chunks: {
        Args: {
          query_embedding: string | number[]
          knowledge_base_id_param?: string | null
          match_threshold?: number
          match_count?: number
        }
        Returns: {
          chunk_id: string
          document_id: string
          document_title: string
          content: string
          similarity: number
          chunk_index: number
          metadata: Json
        }[]
      }
      /** Stores what a worker has embedded, and returns how many embeddings were stored. */
      store_embeddings: {
        Args: {
          p_items: Json
        }
        Returns: number
      }
      /** Pins a message on top or lets go of it; true if there is such a message. */
      toggle_message_pin: {
        Args: {
          p_message_id: string
          p_user_id?: string | null
        }
        Returns: boolean
      }
      /** Records how a person feels, and returns the new emotion's id. */
      track_emotion: {
        Args: {
          p_user_id: string | null
          p_emotion: Database["public"]["Enums"]["emotion_type"]
          p_context?: string | null
          p_intensity?: number
          p_related_node_id?: string | null
        }
        Returns: string
      }
      /** Says whether the person has confirmed a node. */
      update_node_status: {
        Args: {
          p_node_id: string
          p_new_status: Database["public"]["Enums"]["node_status"]
          p_user_id?: string | null
        }
        Returns: boolean
      }
      /** Changes what is given of a session and nothing else. */
      update_session_node: {
        Args: {
          p_session_id: string
          p_summary?: string | null
          p_duration?: number | null
          p_properties?: Json | null
          p_goal_id?: string | null
          p_user_id?: string | null
        }
        Returns: boolean
      }
      /** Stores a node's embedding, 1536 dimensions. */
      upsert_node_embedding: {
        Args: {
          p_node_id: string
          p_embedding: string | number[]
          p_user_id?: string | null
        }
        Returns: boolean
      }
    }
    Enums: {
      /** How one node of a person's graph relates to another. */
      edge_type: "works_on" | "has_skill" | "derived_from" | "feels" | "achieves"
      /** What a person can feel. */
      emotion_type: "confident" | "anxious" | "motivated" | "uncertain" | "accomplished" | "frustrated"
      /** How much a message matters. */
      message_priority: "low" | "normal" | "high" | "urgent"
      /** What a message is. */
      message_type: "session_summary" | "goal_achievement" | "recommendation" | "reminder" | "insight" | "resource" | "system"
      /** Whether a node is as the AI captured it in conversation, or confirmed or edited by the person. */
      node_status: "draft_verbal" | "curated"
      /** What a node of a person's graph stands for. */
      node_type: "goal" | "skill" | "emotion" | "session" | "accomplishment"
      /** How well a person has a skill. */
      skill_level: "beginner" | "intermediate" | "advanced" | "expert"
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
}

type Schema = Database["public"]

/** A row of a table, as it is read. */
export type Tables<Name extends keyof Schema["Tables"]> = Schema["Tables"][Name]["Row"]

/** A row of a table, as it is inserted. */
export type TablesInsert<Name extends keyof Schema["Tables"]> = Schema["Tables"][Name]["Insert"]

/** What an update of a table may change. */
export type TablesUpdate<Name extends keyof Schema["Tables"]> = Schema["Tables"][Name]["Update"]

/** A label of an enum. */
export type Enums<Name extends keyof Schema["Enums"]> = Schema["Enums"][Name]

/** The labels of the enums, in order. */
export const Constants = {
  public: {
    Enums: {
      edge_type: ["works_on", "has_skill", "derived_from", "feels", "achieves"],
      emotion_type: ["confident", "anxious", "motivated", "uncertain", "accomplished", "frustrated"],
      message_priority: ["low", "normal", "high", "urgent"],
      message_type: ["session_summary", "goal_achievement", "recommendation", "reminder", "insight", "resource", "system"],
      node_status: ["draft_verbal", "curated"],
      node_type: ["goal", "skill", "emotion", "session", "accomplishment"],
      skill_level: ["beginner", "intermediate", "advanced", "expert"],
    },
  },
} as const
