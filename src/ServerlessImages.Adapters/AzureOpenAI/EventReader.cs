using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;

namespace ServerlessImages.AzureOpenAI;

/// <summary>
/// Reads the events of an answer (<c>text/event-stream</c>). Not with the framework's parser, which holds an event in one growing array: most of an
/// event is an image, and here its text stays in the pool's pieces until the image is decoded from them.
/// </summary>
/// <remarks>Lines end in LF or CR LF. An event without the blank line behind it is not one, as the standard has it.</remarks>
internal sealed class EventReader
{
    /// <summary>The pieces in which an answer is held.</summary>
    private static readonly StreamPipeReaderOptions Pieces = new(bufferSize: 64 * 1024, minimumReadSize: 8 * 1024);

    // Within what is buffered: where the last line begins, and up to where no further end of a line is.
    private long lineStart;
    private long searched;

    /// <returns>Each event; null for one whose data is no JSON object.</returns>
    public static async IAsyncEnumerable<UpstreamMessage?> ReadAllAsync(Stream body, [EnumeratorCancellation] CancellationToken cancel)
    {
        var reader = PipeReader.Create(body, Pieces);
        var events = new EventReader();
        try
        {
            ReadResult read;
            do
            {
                read = await reader.ReadAsync(cancel);
                var rest = read.Buffer;
                while (events.TryTake(ref rest, out var lines)) yield return ReadEvent(lines);
                reader.AdvanceTo(rest.Start, rest.End);
            }
            while (!read.IsCompleted);
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    /// <returns>All of a body that is one message.</returns>
    public static async Task<UpstreamMessage?> ReadOneAsync(Stream body, CancellationToken cancel)
    {
        var reader = PipeReader.Create(body, Pieces);
        try
        {
            var read = await reader.ReadAsync(cancel);
            while (!read.IsCompleted)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                read = await reader.ReadAsync(cancel);
            }

            return UpstreamMessage.Read(read.Buffer);
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    /// <summary>Takes the lines of one event off the front, once its blank line is there. Looks at each byte once, however often it is called.</summary>
    private bool TryTake(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> lines)
    {
        var reader = new SequenceReader<byte>(buffer);
        reader.Advance(searched);
        while (reader.TryAdvanceTo((byte)'\n'))
        {
            var isBlank = IsBlank(buffer.Slice(lineStart, reader.Consumed - 1 - lineStart));
            lineStart = searched = reader.Consumed;
            if (!isBlank) continue;

            lines = buffer.Slice(0, lineStart);
            buffer = buffer.Slice(lineStart);
            lineStart = searched = 0;
            return true;
        }

        searched = buffer.Length;
        lines = default;
        return false;
    }

    private static UpstreamMessage? ReadEvent(ReadOnlySequence<byte> lines)
    {
        var name = "";
        var data = ReadOnlySequence<byte>.Empty;
        var reader = new SequenceReader<byte>(lines);
        while (reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'))
        {
            if (TryField(line, "event:"u8, out var value)) name = Encoding.UTF8.GetString(value).Trim();
            else if (TryField(line, "data:"u8, out value)) data = data.IsEmpty ? value : Joined(data, value);
        }

        return UpstreamMessage.ReadEvent(name, data);
    }

    private static bool TryField(ReadOnlySequence<byte> line, ReadOnlySpan<byte> name, out ReadOnlySequence<byte> value)
    {
        var reader = new SequenceReader<byte>(line);
        var isField = reader.IsNext(name, advancePast: true);
        value = reader.UnreadSequence;
        return isField;
    }

    private static bool IsBlank(ReadOnlySequence<byte> line) => line.Length == 0 || (line.Length == 1 && line.FirstSpan[0] == '\r');

    private static ReadOnlySequence<byte> Joined(ReadOnlySequence<byte> first, ReadOnlySequence<byte> second) =>
        new([.. first.ToArray(), (byte)'\n', .. second.ToArray()]);
}
