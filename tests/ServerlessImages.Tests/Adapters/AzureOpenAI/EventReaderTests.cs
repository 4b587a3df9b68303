using System.Text;
using ServerlessImages.AzureOpenAI;

namespace ServerlessImages.Tests.Adapters.AzureOpenAI;

public class EventReaderTests
{
    /// <summary>Bytes of a read: one by one, across every boundary, and all at once.</summary>
    public static TheoryData<int> ReadSizes { get; } = [1, 3, 7, 16 * 1024, int.MaxValue];

    [Theory]
    [MemberData(nameof(ReadSizes))]
    public async Task Events_are_the_same_however_their_bytes_arrive(int bytesPerRead)
    {
        const string Text = ": a comment\n\n" +
            "event: image_generation.partial_image\ndata: {\"b64_json\":\"CQk=\"}\n\n" +
            "id: 7\r\nevent:image_generation.in_progress\r\ndata:{}\r\n\r\n" +
            "data: {\"type\":\"a.completed\",\ndata: \"b64_json\":\"AQID\"}\n\n" +
            "data: [DONE]\r\n\r\n" +
            "data: {\"type\":\"without its blank line\"}\n";

        var events = await ReadAsync(Encoding.UTF8.GetBytes(Text), bytesPerRead);

        Assert.Equal(["", "image_generation.partial_image", "image_generation.in_progress", "a.completed", ""], events.Select(each => each?.Type));
        Assert.Equal([9, 9], events[1]!.Images[0].ToArray());
        Assert.Equal([1, 2, 3], events[3]!.Images[0].ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_image_in_many_pieces_is_decoded_to_its_last_byte(int beyondWholeGroups)
    {
        var image = new byte[300_000 + beyondWholeGroups];
        new Random(2).NextBytes(image);

        // With text of every length before it, so that groups of four characters lie across pieces in each way.
        foreach (var before in Enumerable.Range(0, 4))
        {
            var text = $"data: {{\"x\":\"{new string('x', before)}\",\"type\":\"a.completed\",\"b64_json\":\"{Convert.ToBase64String(image)}\"}}\n\n";
            var message = Assert.Single(await ReadAsync(Encoding.ASCII.GetBytes(text), 16 * 1024))!;
            Assert.True(Assert.Single(message.Images).Span.SequenceEqual(image));
        }
    }

    [Theory]
    [InlineData(0, 'A', 1)]
    [InlineData(100_000, '=', 1)]
    [InlineData(100_000, '%', 0)]
    [InlineData(199_999, '%', 0)]
    public async Task A_long_text_that_is_not_base64_is_an_image_that_cannot_be_delivered(int position, char instead, int more)
    {
        var text = new StringBuilder(new string('A', 200_000)) { [position] = instead }.Append('A', more);

        var message = Assert.Single(await ReadAsync(Encoding.ASCII.GetBytes($"data: {{\"b64_json\":\"{text}\"}}\n\n"), 16 * 1024))!;

        Assert.True(Assert.Single(message.Images).IsEmpty);
    }

    [Fact]
    public async Task What_is_no_json_is_said_to_be_none()
    {
        Assert.Equal([null], await ReadAsync("data: {\"type\":\n\n"u8.ToArray(), int.MaxValue));
    }

    private static async Task<List<UpstreamMessage?>> ReadAsync(byte[] bytes, int bytesPerRead)
    {
        var events = new List<UpstreamMessage?>();
        await foreach (var message in EventReader.ReadAllAsync(new SlowStream(bytes, bytesPerRead), TestContext.Current.CancellationToken)) events.Add(message);
        return events;
    }

    private sealed class SlowStream(byte[] bytes, int bytesPerRead) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, bytesPerRead)], cancellationToken);
    }
}
