namespace ServerlessImages.Api.Docs;

/// <summary>A document of this commit, out of the assembly.</summary>
internal static class Document
{
    public static string Read(string name)
    {
        using var reader = new StreamReader(typeof(Document).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
