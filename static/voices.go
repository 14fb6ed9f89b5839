package static

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// The hall's recorded voice: clips of words, which voice.js puts together. A
// screen fetches the clips of a language as one file, whose address changes with
// its content.

const (
	clipLimit  = 256 << 10 // bytes of one clip: half a minute
	voiceLimit = 4 << 20   // of a language
)

// counterClip is an office's recording of a whole counter, "counter-3": for
// names that are no words of the list. "chime" replaces the two notes.
var counterClip = regexp.MustCompile(`^counter-[A-Za-z0-9_-]{1,40}$`)

const chimeClip = "chime"

// clips are what a voice says in a language, by the clip's name.
type clips struct {
	words map[string]string // "loket" → "loket", "3" → "tiga"
	sound map[string][]byte // MP3
}

// voices are the addresses of the packs, by office ("" for all the others) and
// language.
type voices map[string]map[string]string

// readVoices makes the packs of the bundled voice.
func (a assets) readVoices(files fs.FS) (voices, map[string]clips, error) {
	packs, bundled := voices{"": {}}, map[string]clips{}
	for _, lang := range languages {
		c := clips{words: map[string]string{}, sound: map[string][]byte{}}
		list, err := fs.ReadFile(files, "voice/"+lang+".txt")
		if err != nil {
			return nil, nil, fmt.Errorf("read the voice's words: %w", err)
		}
		for line := range strings.Lines(string(list)) {
			line = strings.TrimSpace(line)
			if line == "" || line[0] == '#' {
				continue
			}
			name, words, _ := strings.Cut(line, "\t")
			c.words[name] = words
			if c.sound[name], err = fs.ReadFile(files, "voice/"+lang+"/"+name+".mp3"); err != nil {
				return nil, nil, fmt.Errorf("read the voice: %w", err)
			}
		}
		bundled[lang] = c
		packs[""][lang] = a.addVoice("voice-"+lang, c)
	}
	return packs, bundled, nil
}

func (a assets) addVoice(name string, c clips) string {
	added := &asset{contentType: "application/octet-stream", body: pack(c)}
	added.url = addressOf(added.body, name+".bin")
	a.byURL[added.url] = added
	return added.url
}

// pack is the length of an index (four bytes, big-endian), the index as JSON
// {clip: [offset, length, words]}, and the clips one after another.
func pack(c clips) []byte {
	index, offset := map[string][3]any{}, 0
	var sound bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(c.sound)) {
		index[name] = [3]any{offset, len(c.sound[name]), c.words[name]}
		offset += len(c.sound[name])
		sound.Write(c.sound[name])
	}
	head, _ := json.Marshal(index) // strings and numbers
	return slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(len(head))), head, sound.Bytes())
}

// AddVoices takes offices' own recordings, <office>/<language>/<clip>.mp3, in
// the place of the bundled clips of the same names. It is called before the
// first page is rendered, and returns the offices that have recordings. Clips
// that an office does not bring stay the bundled ones. Every file that is not
// what it should be is named in the error.
func (p *Pages) AddVoices(dir fs.FS) (offices []string, err error) {
	return eachOffice(dir, "<office>/<language>/<clip>.mp3", func(office string) error { return p.addVoices(dir, office) })
}

func (p *Pages) addVoices(dir fs.FS, office string) error {
	packs := maps.Clone(p.voices[""])
	entries, err := fs.ReadDir(dir, office)
	if err != nil {
		return err
	}
	var faults []error
	for _, lang := range entries {
		if hidden(lang) {
			continue
		}
		name := office + "/" + lang.Name()
		bundled, known := p.bundled[lang.Name()]
		if !known || !lang.IsDir() {
			faults = append(faults, fmt.Errorf("%s: is not the directory of a language (%s)", name, strings.Join(languages, ", ")))
			continue
		}
		own, err := bundled.replacedBy(dir, name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		packs[lang.Name()] = p.assets.addVoice("voice-"+lang.Name(), own)
	}
	p.voices[office] = packs
	return errors.Join(faults...)
}

func hidden(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") }

// replacedBy are the clips with those of a directory in their places.
func (c clips) replacedBy(dir fs.FS, name string) (clips, error) {
	own := clips{words: maps.Clone(c.words), sound: maps.Clone(c.sound)}
	entries, err := fs.ReadDir(dir, name)
	if err != nil {
		return own, err
	}
	var faults []error
	total := 0
	for _, e := range entries {
		if hidden(e) {
			continue
		}
		file := name + "/" + e.Name()
		clip, isMP3 := strings.CutSuffix(e.Name(), ".mp3")
		_, known := c.words[clip]
		switch {
		case e.IsDir() || !isMP3:
			faults = append(faults, fmt.Errorf("%s: is not a clip (<clip>.mp3)", file))
			continue
		case !known && clip != chimeClip && !counterClip.MatchString(clip):
			faults = append(faults, fmt.Errorf("%s: no clip has this name (%s, %s, counter-<id>)", file, strings.Join(slices.Sorted(maps.Keys(c.words)), ", "), chimeClip))
			continue
		}
		info, err := e.Info()
		if err != nil {
			return own, err
		}
		if info.Size() > clipLimit {
			faults = append(faults, fmt.Errorf("%s: has %d KB, a clip at most %d", file, info.Size()>>10, clipLimit>>10))
			continue
		}
		sound, err := fs.ReadFile(dir, path.Join(name, e.Name()))
		if err != nil {
			return own, err
		}
		if !isSound(sound) {
			faults = append(faults, fmt.Errorf("%s: is not an MP3 recording", file))
			continue
		}
		own.sound[clip] = sound
		if total += len(sound); total > voiceLimit {
			return own, errors.Join(append(faults, fmt.Errorf("%s: has more than %d MB of recordings", name, voiceLimit>>20))...)
		}
	}
	return own, errors.Join(faults...)
}

// isSound looks for an ID3 tag or the first frame's sync of MPEG layer III.
func isSound(b []byte) bool {
	return len(b) > 64 && (string(b[:3]) == "ID3" || b[0] == 0xFF && b[1]&0xE6 == 0xE2)
}

// voicesOf are the addresses of the packs for an office, by language.
func (p *Pages) voicesOf(office string) map[string]string {
	if own, ok := p.voices[office]; ok {
		return own
	}
	return p.voices[""]
}

// bootScreen adds what only a lobby's screen needs: the voices and languages it
// speaks, and how it is set up.
func (p *Pages) bootScreen(m map[string]any, d DisplayPage, lang string, prefixes []string) {
	spoken, others := []string{lang}, map[string]map[string]string{}
	if d.Screen != nil && len(d.Screen.Languages) > 0 {
		spoken = d.Screen.Languages
	}
	voices := map[string]string{}
	for _, l := range spoken {
		if len(spoken) > 1 || l != lang {
			others[l] = p.words.under(l, prefixes)
		}
		if url := p.voicesOf(d.View.Office)[l]; url != "" {
			voices[l] = url
		}
	}
	m["spoken"], m["others"], m["voices"], m["screen"] = spoken, others, voices, d.Screen
	m["pictures"] = d.Pictures
}
