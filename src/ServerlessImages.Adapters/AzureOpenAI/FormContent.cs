using System.ClientModel;

namespace ServerlessImages.AzureOpenAI;

/// <summary>A form for the SDK's pipeline. Its files go from the disk to the connection, and are nowhere whole.</summary>
internal sealed class FormContent(HttpContent form) : BinaryContent
{
    public override bool TryComputeLength(out long length)
    {
        length = form.Headers.ContentLength ?? 0;
        return form.Headers.ContentLength is not null;
    }

    public override void WriteTo(Stream stream, CancellationToken cancellationToken = default) => form.CopyTo(stream, context: null, cancellationToken);

    public override Task WriteToAsync(Stream stream, CancellationToken cancellationToken = default) => form.CopyToAsync(stream, cancellationToken);

    public override void Dispose() => form.Dispose();
}
